import type { Database } from './database.ts'
import type { KeyDefinition } from './key.ts'

/** Refuses what only a caller without types can pass, with words instead of an accident further in. */
export function checkCall(db: Database, key: KeyDefinition, values: unknown, names: readonly string[]): void {
  checkDatabase(db)
  checkKey(key)
  if (!isValues(values))
    throw new TypeError(`A call on key "${key.name}" needs its values: { ${names.join(', ')} }.`)
  for (const name in values) {
    if (!Object.hasOwn(values, name)) continue
    if (!names.includes(name))
      throw new TypeError(`A call on key "${key.name}" takes ${names.join(', ')}; it got "${name}".`)
    const value: unknown = Reflect.get(values, name)
    if (!isValues(value) && !isEvaluable(name, value)) throw notValues(name, value)
  }
  if (names.includes('update') && !('update' in values))
    throw new TypeError(
      `updateOrCreate on key "${key.name}" needs \`update\`: the columns to set, or a function.`,
    )
}

function isEvaluable(name: string, value: unknown): boolean {
  return name !== 'where' && (typeof value === 'function' || (name === 'create' && value === undefined))
}

/** @throws `TypeError` when it was made by no adapter */
export function checkDatabase(db: unknown): void {
  if (!isValues(db) || !('dialect' in db))
    throw new TypeError("The first argument must be a database of onerow's, such as fromPg(pool).")
}

/** @throws `TypeError` when it was not made by `uniqueKey` */
export function checkKey(key: unknown): void {
  if (!isValues(key) || !('parts' in key))
    throw new TypeError('A key is made by uniqueKey(table, columns, { name }).')
}

/** An object of values by property: neither a list nor a promise, nor any other thing that holds its values otherwise. */
export function isValues(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return (
    Object.prototype.toString.call(value) === '[object Object]' && Reflect.get(value, 'then') === undefined
  )
}

export function notValues(name: string, value: unknown): TypeError {
  const what =
    value instanceof Promise
      ? 'a promise: await it first'
      : Object.prototype.toString.call(value).slice(8, -1)
  return new TypeError(`\`${name}\` must be an object of values by property; it is ${what}.`)
}
