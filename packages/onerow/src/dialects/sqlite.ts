import type { IsolationLevel } from '../database.ts'
import type { Capabilities, Dialect, Failure, Shape, Statements, Template } from '../dialect.ts'
import { causes } from '../causes.ts'
import type { KeyDefinition, KeyPart } from '../key.ts'
import type { Column } from '../table.ts'
import { partText, rowSlot, slotList, standard, stringLiteral, updateSlot } from './clauses.ts'
import { join, raw, sql, toTemplate, withSlot } from './sql.ts'
import type { Sql } from './sql.ts'
import { inspectSqlite } from './sqlite-catalog.ts'

const { assignments, columnList, conditionText, quoted, selectList, tableText } = standard

const capabilities: Capabilities = {
  // A read does not prove the key, only an insert does: so the catalog is asked, once for each version of the schema.
  provesKeyAtEachCall: false,
  failureAbortsTransaction: false,
  insertIsConditional: true,
  insertReturns: true,
  updateReturns: true,
  listsAreArrays: false,
  isolationLevels: ['serializable'],
}

/** Each is granted: SQLite gives `serializable`, whichever is asked for. */
const knownLevels: readonly IsolationLevel[] = ['read committed', 'repeatable read', 'serializable']

function template(text: Sql): Template {
  return toTemplate(text, (number) => `?${number}`)
}

const statements: Statements = {
  find: (shape) => template(select(shape)),

  // A transaction that writes holds the one write lock of the database already.
  findForUpdate: (shape) => template(select(shape)),

  count: ({ key }) =>
    template(sql`
select count(*) as "count"
from ${raw(tableText(key.table))}
where ${lookup(key)}`),

  isNullKey: ({ key }) => template(sql`select not (${keyIsNotNull(key)}) as "isNull"`),

  insert: ({ key, arbiter, insertColumns }) =>
    template(sql`
insert into ${raw(tableText(key.table))} (${columnList(insertColumns)})
select ${slotList(insertColumns)}
where ${keyIsNotNull(key)}
on conflict ${raw(conflictTarget(key, arbiter.predicate))} do nothing
returning ${selectList(key.table)}`),

  update: (shape) =>
    template(sql`
update ${raw(tableText(shape.key.table))}
set ${assignments([...shape.updateColumns, ...shape.touchedColumns])}
where ${lookup(shape.key)}
  and (${join(shape.updateColumns.map(changes), ' or ')})
returning ${selectList(shape.key.table)}`),

  findUnchanged: (shape) =>
    template(sql`
select ${selectList(shape.key.table)}
from ${raw(tableText(shape.key.table))}
where ${lookup(shape.key)}
  and not (${join(shape.updateColumns.map(changes), ' or ')})`),
}

/** The row, and the version of the schema, which is another one as soon as an index has been dropped. */
function select({ key, arbiter }: Shape): Sql {
  const version =
    arbiter.proof === undefined
      ? ''
      : ", (select '1+' || schema_version from pragma_schema_version) as onerow"
  return sql`
select ${selectList(key.table)}${raw(version)}
from ${raw(tableText(key.table))}
where ${lookup(key)}
limit 2`
}

/** NULLs are never equal, so a row whose key is NULL by an expression would not be unique. */
function keyIsNotNull(key: KeyDefinition): Sql {
  const parts = key.nulls === 'equal' ? [] : key.parts.filter((part) => part.of)
  const terms = parts.map((part) =>
    withSlot((operand) => `${partText(part, operand)} is not null`, rowSlot(part.column)),
  )
  return terms.length === 0 ? raw('true') : join(terms, ' and ')
}

function lookup(key: KeyDefinition): Sql {
  const parts = indexTerms(key).map(
    ({ of, column }) => sql`${raw(of(quoted(column.name)))} = ${withSlot(of, rowSlot(column))}`,
  )
  const condition = conditionText(key, literal)
  return join(condition === undefined ? parts : [...parts, raw(condition)], ' and ')
}

interface IndexTerm {
  readonly column: Column
  readonly of: (operand: string) => string
}

/**
 * What the unique index of a key is made of. SQLite has no NULLS NOT DISTINCT; where the key wants it, each part becomes
 * two expressions that are never NULL: whether the part is NULL, and its value or else 0.
 */
function indexTerms(key: KeyDefinition): readonly IndexTerm[] {
  return key.parts.flatMap((part: KeyPart) => {
    const { column } = part
    const of = (operand: string) => partText(part, operand)
    if (key.nulls === 'distinct') return [{ column, of }]
    return [
      // Not IS NULL: for a NOT NULL column SQLite folds it away, and then finds no index with as many columns.
      { column, of: (operand: string) => `(typeof(${of(operand)}) = 'null')` },
      { column, of: (operand: string) => `ifnull(${of(operand)}, 0)` },
    ]
  })
}

/** Whether the update would store another value: byte by byte, whatever the column's collation finds equal. */
function changes(column: Column): Sql {
  return sql`${raw(quoted(column.name))} is not ${updateSlot(column)} collate binary`
}

/** SQLite wants the predicate written as the index writes it; the catalog gives it where that is not our own spelling. */
function conflictTarget(key: KeyDefinition, predicate: string | undefined): string {
  const terms = indexTerms(key).map(({ of, column }) => of(quoted(column.name)))
  const condition = predicate ?? conditionText(key, literal)
  return condition === undefined ? `(${terms.join(', ')})` : `(${terms.join(', ')}) where ${condition}`
}

function literal(value: unknown): string {
  if (typeof value === 'string') return stringLiteral(value)
  // SQLite has no boolean: true and false are 1 and 0, under any of its versions.
  return typeof value === 'boolean' ? String(Number(value)) : String(value)
}

function keySql(key: KeyDefinition): string {
  const { schema, name } = key.table
  const index = schema === undefined ? quoted(key.name) : `${quoted(schema)}.${quoted(key.name)}`
  const terms = indexTerms(key).map(({ of, column }) => of(quoted(column.name)))
  const condition = conditionText(key, literal)
  return (
    `create unique index ${index} on ${quoted(name)} (${terms.join(', ')})` +
    (condition === undefined ? '' : `\nwhere ${condition}`) +
    ';'
  )
}

/** BUSY or LOCKED (sqlite.org/rescode.html), whichever lock it was: the number's low byte, or the start of its name. */
function isBusy(code: unknown): boolean {
  return typeof code === 'number' ? [5, 6].includes(code & 0xff) : /^SQLITE_(BUSY|LOCKED)/.test(String(code))
}

/** Reads the result code from the error of any driver, also when it is wrapped: node:sqlite has its number, others its name. */
function classify(error: unknown): Failure {
  for (const fields of causes(error)) {
    const code = fields['errcode'] ?? fields['code']
    if (typeof code !== 'number' && !String(code).startsWith('SQLITE_')) continue
    if (isBusy(code)) return { kind: 'retry' }
    const message = String(fields['message'])
    const [, constraint] = /UNIQUE constraint failed: (.*)/s.exec(message) ?? []
    if (constraint !== undefined) return { kind: 'unique-violation', constraint }
    if (/ON CONFLICT clause does not match|no such index: |no query solution/.test(message))
      return { kind: 'key-not-enforced' }
  }
  return { kind: 'other' }
}

/** SQLite, 3.35 and later (RETURNING). */
export const sqlite: Dialect = {
  name: 'sqlite',
  capabilities,
  statements,
  keySql,
  classify,
  inspect: (db, key, options) =>
    inspectSqlite(db, key, {
      ...options,
      lookup: template(lookup(key)),
      terms: indexTerms(key).map(({ of, column }) => of(quoted(column.name))),
      conflictTarget: (predicate) => conflictTarget(key, predicate),
      condition: conditionText(key, literal),
      ddl: keySql(key),
    }),
  // IMMEDIATE takes the write lock at once. A deferred transaction that has read and then writes fails without waiting
  // when another has written meanwhile (SQLITE_BUSY_SNAPSHOT).
  begin: (isolation) => {
    if (isolation !== undefined && !knownLevels.includes(isolation))
      throw new TypeError(`Unknown isolation level "${isolation}": use one of ${knownLevels.join(', ')}.`)
    return [{ text: 'begin immediate', values: [] }]
  },
}
