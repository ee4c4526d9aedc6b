import type { Cell } from './cell.ts'
import type { Result } from './run-cell.ts'

/** Tells, of each verb at each level, how many schedules were run, and how long it took. */
export function onProgress(say: (line: string) => void): (result: Result) => void {
  const chapters = new Map<string, { name: string; schedules: number; seconds: number }>()
  const tell = ({ name, schedules, seconds }: { name: string; schedules: number; seconds: number }) =>
    say(`${name}: ${schedules} schedules, ${seconds.toFixed(1)} s`)
  return ({ cell, report }) => {
    const name = chapterOf(cell)
    const last = chapters.get(cell.engine)
    if (last && last.name !== name) tell(last)
    const current = last?.name === name ? last : { name, schedules: 0, seconds: 0 }
    current.schedules += report.schedules
    current.seconds += report.seconds
    chapters.set(cell.engine, current)
  }
}

const chapterOf = ({ engine, level, verb }: Cell): string => `${engine}, ${level.name}, ${verb.name}`
