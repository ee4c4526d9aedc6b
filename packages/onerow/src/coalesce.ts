import type { Call } from './call.ts'
import type { Values } from './candidate.ts'
import { arbiterOf } from './enforcement.ts'
import { mostPlaces } from './find-then-insert-all.ts'
import { canList, keyList } from './key-list.ts'
import type { Decided } from './key-rows.ts'
import type { Outcome } from './run-list.ts'
import { shapeName } from './shape.ts'
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

/** The calls on one pool, for one key, that send the same columns. */
export interface Line {
  readonly waiting: Waiting[]
  /** When the statements that are under way have left, and the calls that are by themselves. */
  readonly underWay: number[]
  /** Whether those who wait leave at the end of this turn of the event loop. */
  isLeaving: boolean
  /** When they leave at the latest. */
  patience: ReturnType<typeof setTimeout> | undefined
}

/** Two, so that the database works on one statement while the other is made, sent or read. */
const mostUnderWay = 2

/** How long a call that is stuck may hold up those after it, in milliseconds. */
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
  if (!line.isLeaving && line.waiting.length === 0 && countUnderWay(line) < mostUnderWay)
    return underWay(line, alone)
  return new Promise((resolve, fail) => {
    // The statement of a line of getOrCreate calls has the outcomes of one.
    const leave = (answer: Decided<Outcome> | undefined) =>
      resolve(answer ? (answer as Answer) : underWay(line, alone))
    line.waiting.push({ call, row, leave, fail })
    expectDeparture(line)
  })
}

function lineOf({ db, key, learned }: Call, row: Values): Line | undefined {
  if (!db.coalesce || db.inTransaction() !== false || !canList(db, { row })) return undefined
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const pool = db.client as WeakKey
  let lines = learned.lines.get(pool)
  if (!lines) learned.lines.set(pool, (lines = new Map()))
  const shape = shapeName(key, { row })
  let line = lines.get(shape)
  if (!line) lines.set(shape, (line = { waiting: [], underWay: [], isLeaving: false, patience: undefined }))
  return line
}

/** What is stuck, behind a rival's lock or a lost connection, is no longer waited for. */
function countUnderWay({ underWay: departures }: Line): number {
  if (departures.length === 0) return 0
  const stuckSince = performance.now() - longestWait
  let count = 0
  for (const at of departures) if (at > stuckSince) count++
  return count
}

function underWay<Answer>(line: Line, work: () => Promise<Answer>): Promise<Answer> {
  const at = performance.now()
  line.underWay.push(at)
  const arrive = () => {
    line.underWay.splice(line.underWay.indexOf(at), 1)
    expectDeparture(line)
  }
  const answer = work()
  void answer.then(arrive, arrive)
  return answer
}

function expectDeparture(line: Line): void {
  if (line.waiting.length === 0) return
  if (countUnderWay(line) < mostUnderWay) leaveAtEndOfTurn(line)
  else line.patience ??= setTimeout(() => leaveAtEndOfTurn(line), longestWait)
}

function leaveAtEndOfTurn(line: Line): void {
  clearTimeout(line.patience)
  line.patience = undefined
  if (line.isLeaving) return
  line.isLeaving = true
  setImmediate(() => {
    line.isLeaving = false
    void depart(line)
  })
}

async function depart(line: Line): Promise<void> {
  const leaving = line.waiting
    .splice(0, Math.min(mostTogether(line), shareOf(line)))
    .filter(({ call }) => call.signal?.aborted !== true)
  const isTogether = leaving.length > 1
  try {
    const answered = isTogether ? underWay(line, () => together(leaving)) : []
    // The other half.
    expectDeparture(line)
    const answers = await answered
    for (const [index, { leave }] of leaving.entries()) leave(answers[index])
  } catch (error) {
    for (const { fail } of leaving) fail(error)
  }
  // Those who have their answers now may call again in this turn, and leave together again.
  if (isTogether) leaveAtEndOfTurn(line)
  else expectDeparture(line)
}

/**
 * Half of those who wait, when nobody is under way: otherwise those whose answers come together would call and leave together for
 * ever, and the client and the database wait for each other in turns. Not worth it for a few, nor as soon as rows may have to be
 * inserted, as what each such statement costs by itself is shared by fewer then.
 */
function shareOf(line: Line): number {
  const { waiting } = line
  const [first] = waiting
  const expectsHits = first && expected(first.call.learned.streak) === 'found'
  const isWorthIt = waiting.length >= (expectsHits ? 8 : 32) && countUnderWay(line) === 0
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
