import type { Coalescing } from '../database.ts'

/** Whether calls on a pool travel together: `false`, or how many at most. */
export type CoalesceOption = false | { readonly maxBatch?: number }

/** More of them are hardly faster in one statement, and the first would wait for the last. */
const unlessTold: Coalescing = { maxBatch: 256 }

/** @throws `TypeError` when the option makes no sense */
export function coalescing(option?: CoalesceOption): Coalescing | false {
  if (option === undefined) return unlessTold
  if (option === false) return false
  const { maxBatch = unlessTold.maxBatch } = option
  if (!Number.isInteger(maxBatch) || maxBatch < 2)
    throw new TypeError(
      `coalesce: maxBatch must be a whole number from 2 up; got ${maxBatch}. For none: coalesce: false.`,
    )
  return { maxBatch }
}
