import { styleText } from 'node:util'
import type { Progress } from '../explore.ts'
import { cut } from '../short-text.ts'

/** The part of a terminal's stream that progress needs; or of a file's, or a pipe's. */
export interface Terminal extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  /** How many signs a line has room for. */
  readonly columns?: number
}

/** Tells how far an exploration has come, until `end`. */
export interface ShownProgress {
  readonly show: (progress: Progress) => void
  readonly end: () => void
}

// In milliseconds. What ends before the latter leaves no line in a log.
const pauses = { bar: 100, line: 5000 }
// To the line's first column, and nothing after it.
const clear = '\r\u001b[K'
const width = 24

/**
 * On a terminal, a bar that stays in its place and is gone at the end; elsewhere, a line every few seconds.
 *
 * @param name of what is explored
 * @param now in milliseconds
 */
export function startProgress(
  terminal: Terminal,
  name: string,
  now: () => number = () => performance.now(),
): ShownProgress {
  const started = now()
  const isBar = terminal.isTTY === true && process.env['TERM'] !== 'dumb'
  let next = isBar ? started : started + pauses.line
  return {
    show(progress) {
      if (now() < next) return
      next = now() + (isBar ? pauses.bar : pauses.line)
      const text = `${name}: ${textOf(progress)}, ${((now() - started) / 1000).toFixed(0)} s`
      terminal.write(isBar ? clear + barOf(progress, text, terminal) : `${text}\n`)
    },
    end: () => void (isBar && terminal.write(clear)),
  }
}

function textOf({ share, schedules, violations }: Progress): string {
  return `about ${Math.floor(share * 100)} %, ${schedules} schedules, ${violations} violations`
}

function barOf({ share, violations }: Progress, text: string, terminal: Terminal): string {
  const done = Math.floor(share * width)
  // Without colour where NO_COLOR is set.
  const full = styleText(violations > 0 ? 'red' : 'green', '█'.repeat(done), { stream: terminal })
  // A line that the terminal has to break could not be written over.
  const room = Math.max(1, (terminal.columns ?? 80) - width - 2)
  return `${full}${'░'.repeat(width - done)} ${cut(text, room)}`
}
