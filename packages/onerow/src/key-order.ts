import type { Values } from './candidate.ts'
import type { KeyDefinition } from './key.ts'

/**
 * Sorts calls by their keys, so that whoever sends some of the same keys meets them in the same order, and two transactions
 * never wait for each other in a ring. Strings that a collation may find equal come side by side, in the order they were in.
 *
 * @param valuesOf what a call looks up, or more
 */
export function inKeyOrder<Call>(
  key: KeyDefinition,
  calls: readonly Call[],
  valuesOf: (call: Call) => Values,
): readonly Call[] {
  return calls
    .map((call) => ({ call, parts: sortable(key, valuesOf(call)) }))
    .toSorted((a, b) => compare(a.parts, b.parts))
    .map(({ call }) => call)
}

/** Of calls in the order of their keys, the first of those whose keys a collation may find equal. */
export function withoutRepeats<Call>(
  key: KeyDefinition,
  sorted: readonly Call[],
  valuesOf: (call: Call) => Values,
): readonly Call[] {
  let before: readonly Sortable[] | undefined
  return sorted.filter((call) => {
    const parts = sortable(key, valuesOf(call))
    const isNew = before === undefined || compare(before, parts) !== 0
    before = parts
    return isNew
  })
}

const isAscii = /^[\x20-\x7e]*$/

type Sortable = number | bigint | string

function sortable(key: KeyDefinition, values: Values): readonly Sortable[] {
  return key.parts.map(({ column }) => {
    const value = values[column.index]
    if (typeof value === 'number' || typeof value === 'bigint') return value
    if (value instanceof Date) return value.getTime()
    // Without case, accents and trailing spaces, which collations may not tell apart. Most texts have no accents to look for.
    const text = String(value)
    const plain = isAscii.test(text) ? text : text.normalize('NFD').replaceAll(/\p{M}/gu, '')
    return plain.toLowerCase().trimEnd()
  })
}

function compare(a: readonly Sortable[], b: readonly Sortable[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? left
    if (left < right) return -1
    if (left > right) return 1
  }
  return 0
}
