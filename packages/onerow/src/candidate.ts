import { describeTerm, isInside, onlyValue } from './condition.ts'
import type { ConditionTerm } from './condition.ts'
import { OutsideKeyError } from './errors.ts'
import type { KeyDefinition } from './key.ts'
import type { Column, TableDefinition } from './table.ts'

/** Values by the index of their column, checked and encoded as they are sent; undefined where there is none. */
export type Values = readonly unknown[]

/** None yet, for the columns of a table. */
function noValues({ columns }: TableDefinition): unknown[] {
  return columns.map(() => undefined)
}

/** Checks a lookup against its key, before any SQL. */
export function checkLookup(key: KeyDefinition, where: object): unknown[] {
  const lookup = noValues(key.table)
  for (const { column } of key.parts) {
    const { property } = column
    // Not what an object inherits: a column may be called `constructor`. And callers in JavaScript may leave out all of it.
    const given: unknown = where && Object.hasOwn(where, property) ? Reflect.get(where, property) : undefined
    const value = encoded(column, given)
    if (value === undefined) throw lacks(key, where ?? {}, property)
    if (typeof value !== 'string') checkComparable(key, property, value)
    lookup[column.index] = value
  }
  for (const property in where)
    if (Object.hasOwn(where, property) && !isPart(key, property)) throw outsideKey(key, property)
  for (const term of key.condition) {
    const value = lookup[term.column.index]
    if (value !== undefined) checkInside(key, term, value)
  }
  return lookup
}

function checkComparable(key: KeyDefinition, property: string, value: unknown): void {
  if (typeof value === 'function' || isThenable(value))
    throw new OutsideKeyError(
      key,
      `"${property}" in the lookup is a ${typeof value === 'function' ? 'function' : 'promise'}, not a value: call or await it first.`,
      property,
    )
  if (value === null && key.nulls === 'distinct')
    throw new OutsideKeyError(
      key,
      `"${property}" is null, and the database never finds two NULLs equal, so it would enforce nothing. ` +
        "Declare the key with nulls: 'equal' if NULL is to be a value like any other.",
      property,
    )
  if (Number.isNaN(value) || (value instanceof Date && Number.isNaN(value.getTime())))
    throw new OutsideKeyError(
      key,
      `"${property}" is ${value instanceof Date ? 'an invalid Date' : 'NaN'}, which is equal to nothing, so it would find nothing.`,
      property,
    )
}

function isPart({ parts }: KeyDefinition, property: string): boolean {
  for (const { column } of parts) if (column.property === property) return true
  return false
}

function outsideKey(key: KeyDefinition, property: string): OutsideKeyError {
  return new OutsideKeyError(
    key,
    `"${property}" in the lookup is not part of the key. Look up by ${names(key)}, or declare a key that has it.`,
    property,
  )
}

function lacks(key: KeyDefinition, where: object, property: string): OutsideKeyError {
  return Object.keys(where).length === 0
    ? new OutsideKeyError(key, `the lookup is empty. Give a value for each of: ${names(key)}.`)
    : new OutsideKeyError(key, `the lookup lacks "${property}". A lookup needs: ${names(key)}.`, property)
}

function names(key: KeyDefinition): string {
  return key.parts.map((part) => part.column.property).join(', ')
}

/** The value as it is sent. */
export function encoded({ encode }: Column, value: unknown): unknown {
  return encode && value !== null && value !== undefined ? encode(value) : value
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/**
 * Makes the lookup a new row, in place: adds what `create` says, what the key's condition leaves no choice about, and the table's
 * own defaults.
 */
export function checkCreate(key: KeyDefinition, lookup: unknown[], create: object): Values {
  const row = checkedValues(key, create, { where: 'create', into: lookup })
  for (const term of key.condition) {
    const only = onlyValue(term)
    if (only !== undefined && row[term.column.index] === undefined) row[term.column.index] = only
  }
  for (const column of key.table.columns) {
    if (column.default && row[column.index] === undefined)
      row[column.index] = encoded(column, column.default()) ?? null
  }
  for (const term of key.condition) {
    const value = row[term.column.index]
    if (value === undefined)
      throw new OutsideKeyError(
        key,
        `\`create\` must give "${term.column.property}", which the key's condition allows to be ` +
          `${describeTerm(term)}; otherwise the database would not hold the new row to the key.`,
        term.column.property,
      )
    checkInside(key, term, value)
  }
  return row
}

/** Checks the values of an update: they may change neither the key nor a row's being inside the condition. */
export function checkUpdate(key: KeyDefinition, update: object): Values {
  const values = checkedValues(key, update, { where: 'update', into: noValues(key.table) })
  for (const column of key.table.columns) {
    if (values[column.index] !== undefined && key.table.primaryKey.includes(column.property))
      throw new OutsideKeyError(
        key,
        `\`update\` may not change "${column.property}", which is part of the primary key.`,
        column.property,
      )
  }
  for (const term of key.condition) {
    const value = values[term.column.index]
    if (value !== undefined) checkInside(key, term, value)
  }
  return values
}

/** Checks the names in values that are not evaluated yet, so that a wrong one is refused before any SQL. */
export function checkNames(key: KeyDefinition, values: unknown, where: 'create' | 'update'): void {
  if (typeof values !== 'object' || values === null) return
  for (const property of Object.keys(values)) checkedColumn(key, property, where)
}

function checkedValues(
  key: KeyDefinition,
  values: object,
  { where, into }: { readonly where: 'create' | 'update'; readonly into: unknown[] },
): unknown[] {
  for (const property in values) {
    if (!Object.hasOwn(values, property)) continue
    const column = checkedColumn(key, property, where)
    const value: unknown = Reflect.get(values, property)
    if (value !== undefined) into[column.index] = encoded(column, value) ?? null
  }
  return into
}

function checkedColumn(key: KeyDefinition, property: string, where: 'create' | 'update'): Column {
  const column = columnOf(key.table, property)
  if (!column)
    throw new OutsideKeyError(
      key,
      `\`${where}\` names "${property}", which is not a column of the table.`,
      property,
    )
  if (isInKey(key, column))
    throw new OutsideKeyError(
      key,
      where === 'create'
        ? `\`create\` repeats "${property}", which \`where\` gives already: leave it out of \`create\`.`
        : `\`update\` may not change "${property}", which is part of the key.`,
      property,
    )
  return column
}

function columnOf({ columns }: TableDefinition, property: string): Column | undefined {
  for (const column of columns) if (column.property === property) return column
  return undefined
}

function isInKey({ parts }: KeyDefinition, column: Column): boolean {
  for (const part of parts) if (part.column === column) return true
  return false
}

function checkInside(key: KeyDefinition, term: ConditionTerm, value: unknown): void {
  if (isInside(term, value)) return
  const shown = typeof value === 'string' ? `'${value}'` : String(value)
  throw new OutsideKeyError(
    key,
    `"${term.column.property}" is ${shown}, outside the key's condition, which asks for ${describeTerm(term)}: ` +
      'the database does not keep such rows unique.',
    term.column.property,
  )
}
