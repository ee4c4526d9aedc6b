import type { Progress } from '../explore.ts'

/** The part of a terminal's stream that a progress line needs. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A line that tells how far an exploration has come, in its place until `end`. On what is no terminal there is none. */
export interface ProgressLine {
  readonly show: (progress: Progress) => void
  readonly end: () => void
}

/** @param name of what is explored */
export function startProgress(terminal: Terminal, name: string): ProgressLine {
  if (terminal.isTTY !== true) return { show: () => {}, end: () => {} }
  const started = performance.now()
  // To the line's first column, and nothing after it.
  const clear = '\r\u001b[K'
  return {
    show({ schedules, violations }) {
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      terminal.write(`${clear}${name}: ${schedules} schedules, ${violations} violations, ${seconds} s`)
    },
    end: () => terminal.write(clear),
  }
}
