import type { CallOptions } from './call.ts'
import type { Database } from './database.ts'
import { flattened } from './flattened.ts'

/** How to run a stream of calls. */
export interface StreamOptions extends CallOptions {
  /** How many calls go in one transaction; unless told 250, or 1,000 where one batch is under way at a time. */
  readonly batch?: number
  /** How many batches are under way at once, each on a connection of its own; on a pool only. */
  readonly parallel?: number
  /** Is told of each batch when it is done. */
  readonly onProgress?: (progress: Progress) => void
}

/** How far a stream is. */
export interface Progress {
  /** How many calls are answered. */
  readonly done: number
  /** How many of them made a row. */
  readonly created: number
}

/** Calls that come one after another, and are not all in memory; a list is none of these. */
export type Calls<Call> = (AsyncIterable<Call> | Iterable<Call>) & { readonly length?: never }

/** Runs one batch of a stream. */
export interface Batches<Call, Result> extends StreamOptions {
  readonly db: Database
  /** @param offset the place of the first call in the stream */
  readonly run: (batch: readonly Call[], offset: number) => Promise<readonly Result[]>
}

/**
 * Answers a stream of calls in their order, with a few batches in memory at a time: reads on only as its own results are read.
 */
export function inBatches<Call, Result extends { readonly created: boolean }>(
  calls: Calls<Call>,
  batches: Batches<Call, Result>,
): AsyncGenerator<Result, void, undefined> {
  return flattened(batchesDone(calls, batches))
}

async function* batchesDone<Call, Result extends { readonly created: boolean }>(
  calls: Calls<Call>,
  { db, run, onProgress, ...options }: Batches<Call, Result>,
): AsyncGenerator<readonly Result[], void, undefined> {
  const given = options.batch === undefined ? undefined : checkedNumber('batch', options.batch)
  const wanted = checkedNumber('parallel', options.parallel ?? 1)
  const inTransaction = db.inTransaction()
  // On one connection, the transactions of batches would mix.
  const parallel = inTransaction === false ? wanted : 1
  // So that a thousand calls are in memory. With more of them, V8 gives new objects twice the room (docs/performance.md).
  const size = given ?? (parallel > 1 ? 250 : 1000)
  // Some ask the server, by a savepoint, and two that ask at once would take each other's.
  await inTransaction
  const underWay: Promise<readonly Result[]>[] = []
  let [offset, done, created] = [0, 0, 0]
  const next = async (): Promise<readonly Result[]> => {
    const results = (await underWay.shift()) ?? []
    done += results.length
    for (const result of results) if (result.created) created++
    onProgress?.({ done, created })
    return results
  }
  try {
    // To wait for each call that is at hand takes as long as to check it.
    const batches = Symbol.asyncIterator in calls ? batchesOf(calls, size) : batchesAtHand(calls, size)
    for await (const batch of batches) {
      const running = run(batch, offset)
      // It is awaited, and its rejection told, when its turn comes.
      running.catch(() => undefined)
      underWay.push(running)
      offset += batch.length
      if (underWay.length >= parallel) yield await next()
    }
    while (underWay.length > 0) yield await next()
  } finally {
    await Promise.allSettled(underWay)
  }
}

async function* batchesOf<Call>(calls: AsyncIterable<Call>, size: number): AsyncGenerator<readonly Call[]> {
  let batch: Call[] = []
  for await (const call of calls) {
    batch.push(call)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function* batchesAtHand<Call>(calls: Iterable<Call>, size: number): Generator<readonly Call[]> {
  let batch: Call[] = []
  for (const call of calls) {
    batch.push(call)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function checkedNumber(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new TypeError(`${name} must be a whole number from 1 up; got ${value}.`)
  return value
}
