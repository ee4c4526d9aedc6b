import { isDeepStrictEqual } from 'node:util'
import type { Invariant } from './explore.ts'
import type { Run } from './run.ts'

/** What a driver or a data tool answers for rows: a list; or an object that has them. */
export type Rows =
  | readonly unknown[]
  | { readonly rows: readonly unknown[] }
  | readonly [readonly unknown[], unknown]

/**
 * After each schedule there is one row, neither none nor two.
 *
 * @param read reads all rows with the key: `() => pool.query('select * from document where …')`, or a tool's `findMany`
 */
export function exactlyOneRow(read: () => Promise<Rows>): Invariant {
  return async () => {
    const rows = rowsOf(await read())
    if (rows.length !== 1) throw new Error(`There is to be one row with the key; there are ${rows.length}.`)
  }
}

/**
 * Every change of an actor that has succeeded is there in the end.
 *
 * @param read reads the sum of all changes
 * @param expected what it is when these actors have succeeded
 */
export function noLostUpdate(
  read: () => Promise<number | bigint | string>,
  expected: (succeeded: readonly string[]) => number,
): Invariant {
  return async (run) => {
    const value = Number(await read())
    const wanted = expected(succeededIn(run))
    if (value !== wanted) throw new Error(`An update is lost: there is ${value}, and it should be ${wanted}.`)
  }
}

/**
 * What the actors have left is what they would have left one after the other, in some order. Those that failed count as if they
 * had not run.
 *
 * @param look reads what is to be compared; without what differs in any two runs, such as generated ids
 */
export function serializable(look: () => Promise<unknown>): Invariant {
  const known = new Map<string, unknown>()
  return async (run, serially) => {
    const left = await look()
    for (const order of ordersOf(succeededIn(run))) {
      const name = order.join(' ')
      if (!known.has(name)) known.set(name, await serially(order, look))
      if (isDeepStrictEqual(left, known.get(name))) return
    }
    throw new Error(`No order of the actors, one after the other, leaves ${inspected(left)}.`)
  }
}

/** No actor ends with an error. */
export function noErrors({ endings }: Run): void {
  for (const [actor, ending] of endings)
    if ('error' in ending)
      throw new Error(`${actor} ended with: ${String(ending.error)}`, { cause: ending.error })
}

function rowsOf(rows: Rows): readonly unknown[] {
  if ('rows' in rows) return rows.rows
  // mysql2 answers its rows and their columns.
  const [first] = rows
  return rows.length === 2 && Array.isArray(first) ? first : rows
}

function succeededIn({ endings }: Run): readonly string[] {
  return [...endings].flatMap(([actor, ending]) => ('value' in ending ? [actor] : []))
}

function ordersOf(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length === 0) return [[]]
  return names.flatMap((first) =>
    ordersOf(names.filter((name) => name !== first)).map((rest) => [first].concat(rest)),
  )
}

function inspected(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
}
