import { allOrNothing } from './all-or-nothing.ts'
import type { CallOptions } from './call.ts'
import { checkDatabase, checkKey } from './check-call.ts'
import type { Database } from './database.ts'
import { arbiterOf } from './enforcement.ts'
import { ConflictElsewhereError, RowFailedError, isOnerowError } from './errors.ts'
import type { OnerowError } from './errors.ts'
import { canList, keyList } from './key-list.ts'
import type { KeyList } from './key-list.ts'
import type { Decided } from './key-rows.ts'
import { inKeyOrder } from './key-order.ts'
import type { KeyDefinition } from './key.ts'
import { learnedOf } from './learned.ts'
import type { Answers, ListItem, Outcome } from './run-list.ts'
import { haveOneShape } from './shape.ts'
import { StatementFailure } from './statement-failure.ts'
import { inBatches } from './stream.ts'
import type { Calls, StreamOptions } from './stream.ts'
import { untilAborted } from './until-aborted.ts'

/** Calls of one verb, to be run as lists. */
export interface Many<Call, Result> {
  readonly db: Database
  readonly key: KeyDefinition
  /** Checks a call, before any SQL. */
  readonly check: (values: Call) => Wanted
  /** The verb on a list. */
  readonly asList: (list: KeyList, items: readonly ListItem[]) => Promise<Answers>
  readonly resultOf: (answer: Decided<Outcome>) => Result
  /** The verb itself. */
  readonly alone: (db: Database, values: Call, options: CallOptions) => Promise<Result>
}

/** A list; or a part of a stream. */
interface List<Call, Result> extends Many<Call, Result>, CallOptions {
  /** The place of its first call in the stream. */
  readonly offset: number
}

/** What a call wants, as far as it can be told before a function of it is called. */
export interface Wanted extends ListItem {
  /** Whether there is such a function: then the row is the lookup only. */
  readonly isLazy: boolean
}

/** One call of a list. */
interface Checked<Call> extends Wanted {
  /** Its place in the list, from 0. */
  readonly index: number
  readonly values: Call
}

/** Calls that go together: as a list, of one shape; or one by one. */
interface Part<Call> {
  readonly isList: boolean
  readonly calls: readonly Checked<Call>[]
}

/** How many rows one statement takes. More of them are no faster (docs/performance.md). */
const mostRows = 1000

/** Answers a list by a list, and a stream by a stream. */
export function many<Call, Result extends { readonly created: boolean }>(
  verb: Many<Call, Result>,
  calls: readonly Call[] | Calls<Call>,
  options: StreamOptions,
): Promise<readonly Result[]> | AsyncGenerator<Result, void, undefined> {
  checkDatabase(verb.db)
  checkKey(verb.key)
  const { signal } = options
  const run = (list: readonly Call[], offset: number) =>
    untilAborted(signal, () => runList({ ...verb, ...(signal && { signal }), offset }, list))
  if (Array.isArray(calls)) return run(calls, 0)
  if (!isIterable(calls))
    throw new TypeError('The calls must be a list, [{ where, … }, …], or an iterable of them.')
  // `Array.isArray` does not tell the types that a readonly list is out.
  return inBatches(calls as Calls<Call>, { ...options, db: verb.db, run })
}

function isIterable(calls: unknown): boolean {
  return (
    typeof calls === 'object' && calls !== null && (Symbol.asyncIterator in calls || Symbol.iterator in calls)
  )
}

/** Runs all of the calls or none, and answers them in their order. */
async function runList<Call, Result>(
  list: List<Call, Result>,
  calls: readonly Call[],
): Promise<readonly Result[]> {
  const results: Result[] = []
  const parts = partsOf(list, checked(list, calls))
  if (parts.length === 0) return results
  const oneByOne = new Set(parts.filter(({ isList }) => !isList))
  let wasUnsettled = false
  for (;;) {
    let current: Part<Call> | undefined
    try {
      await allOrNothing(list.db, async (db) => {
        for (const part of parts) {
          current = part
          list.signal?.throwIfAborted()
          const run = oneByOne.has(part) ? runOneByOne : runAsList
          await run({ ...list, db }, part.calls, results)
        }
        // Lest what was aborted be committed.
        list.signal?.throwIfAborted()
        // When COMMIT fails for want of a connection, it may have been done: then a second run would find what this one has made.
        current = undefined
      })
      return results
    } catch (error) {
      if (!wasUnsettled && isUnsettled(error)) {
        wasUnsettled = true
        continue
      }
      if (!(error instanceof StatementFailure)) throw error
      // Some call of the part is to blame. Sent one by one, it gets its own error.
      if (!current || oneByOne.has(current)) throw error.cause
      oneByOne.add(current)
    }
  }
}

/** A conflict elsewhere may be with the row that was looked for, made by a rival since the snapshot: only a new one can tell. */
function isUnsettled(error: unknown): boolean {
  return error instanceof RowFailedError && error.cause instanceof ConflictElsewhereError
}

function checked<Call>(
  { check, offset }: List<Call, unknown>,
  calls: readonly Call[],
): readonly Checked<Call>[] {
  return calls.map((values, index) => {
    try {
      const { row, changes, isLazy } = check(values)
      return { index, values, row, changes, isLazy }
    } catch (error) {
      throw new RowFailedError(offset + index, error)
    }
  })
}

/** In the order of the calls, so that of several with one key the first comes first; within a shape, in that of the keys. */
function partsOf<Call>(
  { db, key }: List<Call, unknown>,
  calls: readonly Checked<Call>[],
): readonly Part<Call>[] {
  const runs: { readonly listed: ListItem | undefined; readonly calls: Checked<Call>[] }[] = []
  let last: (typeof runs)[number] | undefined
  for (const call of calls) {
    const listed = !call.isLazy && canList(db, call) ? call : undefined
    if (last && haveOneShape(key, last.listed, listed)) last.calls.push(call)
    else runs.push((last = { listed, calls: [call] }))
  }
  return runs.flatMap(({ listed, calls: run }) => {
    if (!listed || run.length <= mostRows) return [{ isList: listed !== undefined, calls: run }]
    const sorted = inKeyOrder(key, run, ({ row }) => row)
    return Array.from({ length: Math.ceil(run.length / mostRows) }, (_, part) => ({
      isList: true,
      calls: sorted.slice(part * mostRows, (part + 1) * mostRows).toSorted((a, b) => a.index - b.index),
    }))
  })
}

/**
 * Again for those that have no answer, as a rival may have been in between, or a call have the key of another. When that has
 * helped too few, twice in a row, the rest goes one by one.
 */
async function runAsList<Call, Result>(
  list: List<Call, Result>,
  calls: readonly Checked<Call>[],
  results: Result[],
): Promise<void> {
  let open = calls
  for (let vain = 0; open.length > 0 && vain < 2;) {
    const asked = open
    const answers = await answersTo(list, asked)
    open = asked.filter((_, place) => !answers[place])
    for (let place = 0; place < asked.length; place++) {
      const call = asked[place]
      const answer = answers[place]
      // A copy: of what a literal makes, V8 may think that it lives long, having seen a batch of it, and keep that and its row until
      // the next full collection ("allocation-site pretenuring"; a stream's memory in docs/performance.md).
      if (call && answer) results[call.index] = { ...list.resultOf(answer) }
    }
    vain = open.length > asked.length / 2 ? vain + 1 : 0
  }
  await runOneByOne(list, open, results)
}

async function answersTo<Call>(
  { db, key, signal, asList }: List<Call, unknown>,
  calls: readonly Checked<Call>[],
): Promise<Answers> {
  const [first] = calls
  const arbiter = first && (await arbiterOf({ db, key, lookup: first.row, learned: learnedOf(db, key) }))
  if (!arbiter) return []
  signal?.throwIfAborted()
  return asList(keyList({ db, key, inTransaction: true }, arbiter), calls)
}

async function runOneByOne<Call, Result>(
  list: List<Call, Result>,
  calls: readonly Checked<Call>[],
  results: Result[],
): Promise<void> {
  const { db, key, offset, alone } = list
  for (const { index, values } of inKeyOrder(key, calls, ({ row }) => row)) {
    try {
      results[index] = await alone(db, values, list)
    } catch (error) {
      if (isOnerowError(error) && concernsAll(error)) throw error
      throw new RowFailedError(offset + index, error)
    }
  }
}

/** A conflict elsewhere is its call's own, also where the aborted transaction makes it retryable. */
function concernsAll({ kind, retryable }: OnerowError): boolean {
  return kind === 'key-not-enforced' || (retryable && kind !== 'conflict-elsewhere')
}
