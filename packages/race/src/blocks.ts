import type { Run, Step } from './run.ts'
import type { Fault } from './schedule.ts'
import { oneLine, shortError, shortRow, shortValue, wrap } from './short-text.ts'
import { fillIn } from './sql-tokens.ts'
import { timelineOf } from './timeline.ts'
import type { Moment } from './timeline.ts'

/** What a picture shows in an actor's lane at one time. */
export interface Block {
  readonly kind: 'statement' | 'point' | 'answer' | 'kill' | 'failure'
  readonly actor: string
  /** Of the step, from 1; undefined for what is no step. */
  readonly number: number | undefined
  readonly lines: readonly Line[]
  /** Whether the actor waits from here on, or no longer does. */
  readonly waiting: 'begins' | 'ends' | undefined
}

/** A line of it. */
export interface Line {
  readonly kind: 'text' | 'wait' | 'fault' | 'answer' | 'error'
  readonly text: string
}

/** How much a picture has room for. */
export interface Room {
  /** Of a line, in signs. */
  readonly width: number
  /** Of a step's answer. */
  readonly rows: number
}

/** What a picture of a run shows, from its beginning to its end. */
export function blocksOf(run: Run, room: Room): readonly Block[] {
  return timelineOf(run).map((moment) => blockOf(moment, room))
}

function blockOf(moment: Moment, room: Room): Block {
  if (moment.kind === 'step') return stepBlock(moment, room)
  const { kind, actor } = moment
  const other = { kind, actor, number: undefined, waiting: undefined }
  if (kind === 'kill') return { ...other, lines: lines('fault', `┊ ! ${faultTexts.kill}`, room) }
  if (kind === 'failure')
    return { ...other, lines: lines('error', `✗ fails: ${shortError(moment.error)}`, room) }
  const line: Line = { kind: 'wait', text: `┊ ${moment.number} goes on:` }
  return { ...other, lines: [line, ...answerLines(moment.step, room)], waiting: 'ends' }
}

function stepBlock({ actor, number, step, waits }: Extract<Moment, { kind: 'step' }>, room: Room): Block {
  const { footprint, choice, waitedFor } = step
  const fault = choice.fault === undefined ? [] : lines('fault', `  ! ${faultTexts[choice.fault]}`, room)
  const wait = `┊ waits${waitedFor.length > 0 ? ` for ${waitedFor.join(', ')}` : ''}`
  return {
    kind: footprint.isOutside ? 'point' : 'statement',
    actor,
    number,
    lines: [
      ...lines('text', textOf(step), room),
      ...fault,
      ...(waits ? lines('wait', wait, room) : answerLines(step, room)),
    ],
    waiting: waits ? 'begins' : undefined,
  }
}

const faultTexts: Readonly<Record<Fault, string>> = {
  rollback: 'not sent; ended with an error instead',
  'cut-before': 'not sent; the connection is cut',
  'cut-after': 'done; the connection is cut before the answer',
  kill: 'the server is told to end this statement',
}

function textOf({ text, values, footprint }: Step): string {
  if (footprint.isOutside) return `◇ ${oneLine(text)}`
  const filled = fillIn(text, values, shortValue)
  const left = filled.left.map((value) => shortValue(value)).join(', ')
  return oneLine(filled.text) + (left === '' ? '' : ` -- ${left}`)
}

function answerLines({ answer, footprint }: Step, room: Room): readonly Line[] {
  if (footprint.isOutside) return []
  if (!answer) return [{ kind: 'error', text: '  → no answer' }]
  if (answer.error !== undefined) return lines('error', `  → ✗ ${shortError(answer.error)}`, room)
  const rows = answer.rows ?? []
  const count = rows.length > 0 ? rows.length : answer.count
  if (count === undefined) return []
  const seen = rows.slice(0, room.rows).flatMap((row) => lines('answer', `    ${shortRow(row)}`, room))
  return [
    { kind: 'answer', text: `  → ${count === 1 ? '1 row' : `${count} rows`}` },
    ...seen.filter(({ text }) => text.trim() !== ''),
    ...(rows.length > room.rows ? lines('answer', `    and ${rows.length - room.rows} more`, room) : []),
  ]
}

/** As many lines as a text needs, all as far to the right as it begins. */
function lines(kind: Line['kind'], text: string, { width }: Room): readonly Line[] {
  const [indent = ''] = /^ */.exec(text) ?? []
  const most = kind === 'text' ? 7 : 3
  return wrap(text.trimStart(), width - indent.length, most).map((line) => ({ kind, text: indent + line }))
}
