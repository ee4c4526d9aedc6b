import type { Call } from './call.ts'
import type { Values } from './candidate.ts'
import { arbiterOf } from './enforcement.ts'
import { mostPlaces } from './find-then-insert-all.ts'
import { canList, keyList } from './key-list.ts'
import type { Decided } from './key-rows.ts'
import type { Outcome } from './run-list.ts'
import { haveOneShape, shapeName } from './shape.ts'
import { StatementFailure } from './statement-failure.ts'
import { expected } from './streak.ts'

/** A call that waits for others to leave with. */
interface Waiting {
  readonly call: Call
  readonly row: Values
  /** Takes its answer; without one, the call runs by itself. */
  readonly leave: (answer: Decided<Outcome> | undefined) => void
  readonly fail: (error: unknown) => void
}

/** The lines of one pool and one key, by the columns that their calls send. */
export interface Lines {
  readonly byShape: Map<string, Line>
  /** The one that was asked for last, as most calls of a key send the same columns. */
  latest: Line | undefined
}

/** The calls on one pool, for one key, that send the same columns. */
interface Line {
  /** Something in the place of each value that they send. */
  readonly row: Values
  readonly waiting: Waiting[]
  /** When the calls that are under way by themselves have left. */
  readonly alone: number[]
  /** When the statements of several calls that are under way have left. */
  readonly together: number[]
  /** Whether those who wait leave after the callbacks in hand, if there is room. */
  isLeaving: boolean
  /** Ends the wait of those who would leave next. */
  patience: ReturnType<typeof setTimeout> | undefined
}

/** Two, so that the database works on one statement while the other is made, sent or read. */
const mostUnderWay = 2

/** How many calls make a second statement of several worth it: a statement by itself costs as much as ten to twenty calls in it. */
const worthAStatement = 24

/** How long what is under way may hold up those after it, in milliseconds. */
const longestWait = 50

/**
 * Runs a call at once, alone, when there is room for it. Those that arrive while there is none gather, and leave
 * together as one statement. What that statement does not answer, or when the database refuses it, runs alone after all: so each
 * call gets its own error. When its connection is lost, all of them are told so: it may have been done.
 *
 * @param row what the call would insert
 */
export function coalesced<Answer extends Decided<Outcome>>(
  call: Call,
  row: Values,
  alone: () => Promise<Answer>,
): Promise<Answer> {
  const line = lineOf(call, row)
  if (!line) return alone()
  const goAlone = () => underWay(line, line.alone, alone)
  if (mayGoAlone(line)) return goAlone()
  const answered = new Promise<Decided<Outcome> | undefined>((leave, fail) => {
    line.waiting.push({ call, row, leave, fail })
    expectDeparture(line)
  })
  // Here, and so in the caller's own async context; the statement of a line of getOrCreate calls has the outcomes of one.
  return answered.then((answer) => (answer ? (answer as Answer) : goAlone()))
}

function lineOf({ db, key, learned }: Call, row: Values): Line | undefined {
  if (!db.coalesce || db.inTransaction() !== false || !canList(db, { row })) return undefined
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const pool = db.client as WeakKey
  let lines = learned.lines.get(pool)
  if (!lines) learned.lines.set(pool, (lines = { byShape: new Map(), latest: undefined }))
  if (lines.latest && haveOneShape(key, lines.latest, { row })) return lines.latest
  const shape = shapeName(key, { row })
  let line = lines.byShape.get(shape)
  if (!line) lines.byShape.set(shape, (line = emptyLine(row)))
  return (lines.latest = line)
}

function emptyLine(row: Values): Line {
  // Not the values, as it lives as long as the pool.
  const places = row.map((value) => (value === undefined || value === null ? value : true))
  return { row: places, waiting: [], alone: [], together: [], isLeaving: false, patience: undefined }
}

function mayGoAlone(line: Line): boolean {
  return !line.isLeaving && line.waiting.length === 0 && hasRoomBesideAlone(line)
}

/** Whether those who wait may leave: beside calls that are alone, or if there are enough of them. */
function hasRoom(line: Line): boolean {
  const { waiting, alone, together } = line
  if (waiting.length === 0) return false
  if (hasRoomBesideAlone(line)) return true
  const enough = Math.min(worthAStatement, mostTogether(line))
  return waiting.length >= enough && count(alone) + count(together) < mostUnderWay
}

function hasRoomBesideAlone({ alone, together }: Line): boolean {
  return count(together) === 0 && count(alone) < mostUnderWay
}

/** How many are under way, but for those that are stuck: behind a rival's lock, or a lost connection. */
function count(departures: readonly number[]): number {
  if (departures.length === 0) return 0
  const stuckSince = performance.now() - longestWait
  let live = 0
  for (const at of departures) if (at > stuckSince) live++
  return live
}

function underWay<Answer>(line: Line, departures: number[], work: () => Promise<Answer>): Promise<Answer> {
  const at = performance.now()
  departures.push(at)
  const arrive = () => {
    departures.splice(departures.indexOf(at), 1)
    expectDeparture(line)
  }
  const answer = work()
  void answer.then(arrive, arrive)
  return answer
}

function expectDeparture(line: Line): void {
  if (line.waiting.length === 0 || line.isLeaving) return
  if (hasRoom(line)) leaveSoon(line)
  else line.patience ??= setTimeout(() => void depart(line), longestWait)
}

/** After the callbacks in hand: with those whom they answer, and who call again. */
function leaveSoon(line: Line): void {
  if (line.isLeaving) return
  line.isLeaving = true
  process.nextTick(() => {
    line.isLeaving = false
    if (hasRoom(line)) void depart(line)
    else expectDeparture(line)
  })
}

async function depart(line: Line): Promise<void> {
  clearTimeout(line.patience)
  line.patience = undefined
  const leaving = takeLeaving(line)
  if (leaving.length < 2) {
    leaving[0]?.leave(undefined)
    return expectDeparture(line)
  }
  try {
    const answered = underWay(line, line.together, () => together(leaving))
    // Of those who stay behind.
    expectDeparture(line)
    const answers = await answered
    for (let place = 0; place < leaving.length; place++) leaving[place]?.leave(answers[place])
  } catch (error) {
    for (const { fail } of leaving) fail(error)
  }
  leaveSoon(line)
}

function takeLeaving(line: Line): readonly Waiting[] {
  const { waiting } = line
  const isAborted = ({ call }: Waiting) => call.signal?.aborted === true
  if (waiting.some(isAborted))
    waiting.splice(0, waiting.length, ...waiting.filter((each) => !isAborted(each)))
  return waiting.splice(0, Math.min(mostTogether(line), shareOf(line)))
}

/**
 * Half of those who wait, when nobody is under way and both halves are worth a statement: otherwise those whose answers come together
 * would call and leave together for ever, and the client and the database wait for each other in turns.
 */
function shareOf({ waiting, alone, together }: Line): number {
  const isWorthIt = waiting.length >= 2 * worthAStatement && count(alone) + count(together) === 0
  return isWorthIt ? Math.ceil(waiting.length / 2) : waiting.length
}

/** No more than go in one statement: of two, the first may be done when the second fails. */
function mostTogether({ waiting: [first] }: Line): number {
  if (!first?.call.db.coalesce) return 1
  const { coalesce, dialect } = first.call.db
  return dialect.capabilities.listsAreArrays ? coalesce.maxBatch : Math.min(coalesce.maxBatch, mostPlaces)
}

/** @throws the data tool's error when nobody knows whether the statement was done */
async function together(leaving: readonly Waiting[]): Promise<readonly (Decided<Outcome> | undefined)[]> {
  const [first] = leaving
  if (!first) return []
  const { db, key, learned } = first.call
  try {
    const arbiter = await arbiterOf(first.call)
    const list = { db, key, impatient: true, expected: expected(learned.streak) }
    return arbiter ? await keyList(list, arbiter).findOrInsertAll(leaving) : []
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    const { failure, cause } = error
    if (failure.kind === 'other' && failure.isRefused !== true) throw cause
    return []
  }
}
