import type { Cell } from './cell.ts'
import type { Result } from './run-cell.ts'

interface Chapter {
  readonly name: string
  schedules: number
  seconds: number
}

/** Tells, of each verb at each level, how many schedules were run, and how long it took. */
export class Progress implements Disposable {
  readonly #say: (line: string) => void
  /** By engine, as they run side by side. */
  readonly #chapters = new Map<string, Chapter>()

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  readonly add = ({ cell, report }: Result): void => {
    const name = chapterOf(cell)
    let chapter = this.#chapters.get(cell.engine)
    if (chapter?.name !== name) {
      this.#tell(chapter)
      this.#chapters.set(cell.engine, (chapter = { name, schedules: 0, seconds: 0 }))
    }
    chapter.schedules += report.schedules
    chapter.seconds += report.seconds
  };

  [Symbol.dispose](): void {
    for (const chapter of this.#chapters.values()) this.#tell(chapter)
  }

  #tell(chapter: Chapter | undefined): void {
    if (!chapter) return
    const { name, schedules, seconds } = chapter
    this.#say(`${name}: ${schedules} schedules, ${seconds.toFixed(1)} s`)
  }
}

const chapterOf = ({ engine, level, verb }: Cell): string => `${engine}, ${level.name}, ${verb.name}`
