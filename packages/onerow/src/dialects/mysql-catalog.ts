import type { Database, StoredRow } from '../database.ts'
import type { Arbiter, InspectOptions, Inspection, KeyProblem } from '../dialect.ts'
import type { KeyDefinition } from '../key.ts'
import { clausesWith, partText } from './clauses.ts'
import { generatedColumn, generatedName, generatedText, indexTerms, keySql } from './mysql-index.ts'
import type { CollationOf, IndexTerm } from './mysql-index.ts'
import { duplicateProblems, problem } from './problems.ts'

const { quoted, tableText, conditionText } = clausesWith('`')

type Literal = (value: unknown) => string
type Executor = Pick<Database, 'execute'>

interface TableColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** Of a text column. */
  readonly collation: string | undefined
  /** The expression of a generated column. */
  readonly expression: string | undefined
}

interface Index {
  readonly name: string
  readonly unique: boolean
  readonly columns: readonly (TableColumn | undefined)[]
  /** Whether it is on a node of a Galera cluster. */
  readonly isOnGalera: boolean
}

/** What the catalog says of the key's table, beside what the key wants. */
interface CatalogTable {
  readonly key: KeyDefinition
  readonly columns: readonly TableColumn[]
  readonly indexes: readonly Index[]
  readonly terms: readonly IndexTerm[]
  readonly collationOf: CollationOf
  readonly ddl: string
}

/** What differs between the servers. */
export interface Server {
  /** A value as SQL text. */
  readonly literal: Literal
  /** SQL that tells, by 1 or 0, whether the server is a node of a Galera cluster. */
  readonly isGalera: string
}

/** How MariaDB or MySQL enforces a key: by a unique index whose columns are, or are generated as, what the key is made of. */
export async function inspectMysql(
  db: Executor,
  key: KeyDefinition,
  { literal, isGalera, duplicates: counted = true }: InspectOptions & Server,
): Promise<Inspection> {
  // The catalog has nothing to say of a table that does not exist; a statement has.
  await db.execute({ text: `select 1 from ${tableText(key.table)} limit 0`, values: [] })
  const columns = await columnsOf(db, key)
  const indexes = await indexesOf(db, { key, columns, isGalera })
  const terms = indexTerms(key, literal)
  const nullable = nullableColumns(key, columns)
  const collationOf: CollationOf = (column) => columns.find(({ name }) => name === column?.name)?.collation
  const ddl = keySql(key, literal, collationOf)
  const table: CatalogTable = { key, columns, indexes, terms, collationOf, ddl }
  // Without the condition an index enforces more than the key; that is told, and the key is enforced.
  const arbiter = arbiterFor(indexes, terms) ?? arbiterFor(indexes, partsOf(table))
  const collated = otherCollations(table, arbiter)
  if (arbiter && collated.length === 0) return { problems: [...widerIndexes(table), ...nullable], arbiter }
  const wrong = arbiter ? collated : [nearMiss(table)]
  if (!counted) return { problems: [...wrong, ...nullable] }
  const duplicates = await duplicateProblems(db, key, {
    table: tableText(key.table),
    parts: key.parts.map((part) => partText(part, quoted(part.column.name))),
    condition: conditionText(key, literal),
  })
  return { problems: [...wrong, ...nullable, ...duplicates] }
}

function partsOf({ key, terms }: CatalogTable): readonly IndexTerm[] {
  return key.condition.length > 0 ? terms.slice(0, -1) : terms
}

/** The unique index that holds just these terms, in any order, by whatever names. */
function arbiterFor(indexes: readonly Index[], terms: readonly IndexTerm[]): Arbiter | undefined {
  for (const { name, unique, columns, isOnGalera } of indexes) {
    if (!unique || columns.length !== terms.length) continue
    const found = terms.flatMap(
      (term) => columns.find((column) => column && isTerm(column, term))?.name ?? [],
    )
    if (new Set(found).size < terms.length) continue
    return {
      index: name,
      columns: found,
      proof: columns.map((column) => column?.name).join(),
      ...(isOnGalera && { commitsApart: true }),
    }
  }
  return undefined
}

/** Recognised by what it does, not by its name. */
function isTerm(column: TableColumn, term: IndexTerm): boolean {
  if (term.type === undefined) return column.name === term.column?.name
  return column.expression !== undefined && plain(column.expression) === plain(generatedText(term))
}

/**
 * An expression without what the server writes differently from us: quotes around names, parentheses, spaces, character
 * sets, and names of functions. Strings keep their letters.
 */
function plain(expression: string): string {
  return expression.replaceAll(/'(?:[^'\\]|''|\\.)*'|[^']+/g, (piece) =>
    piece.startsWith("'")
      ? piece.replaceAll(/''|\\(.)/g, (escaped, letter: string | undefined) => letter ?? escaped.slice(1))
      : piece
          .toLowerCase()
          .replaceAll(/\b(?:charset|character set) \w+|\b_(?:utf8mb4|utf8mb3|latin1|binary)\b/g, '')
          .replaceAll(/\blcase\b/g, 'lower')
          .replaceAll(/\bucase\b/g, 'upper')
          .replaceAll(/[`"()\s]/g, ''),
  )
}

async function columnsOf(db: Executor, key: KeyDefinition): Promise<readonly TableColumn[]> {
  const rows = await db.execute({
    text: `
select column_name as name, column_type as type, is_nullable as nullable, collation_name as collation,
  generation_expression as expression
from information_schema.columns
where table_schema = coalesce(?, database()) and table_name = ?`.trim(),
    values: [key.table.schema ?? null, key.table.name],
  })
  return rows.map((row) => ({
    name: String(row['name']),
    type: String(row['type']),
    nullable: row['nullable'] === 'YES',
    collation: textOf(row['collation']),
    expression: textOf(row['expression']),
  }))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

async function indexesOf(
  db: Executor,
  { key, columns, isGalera }: Pick<CatalogTable, 'key' | 'columns'> & Pick<Server, 'isGalera'>,
): Promise<readonly Index[]> {
  const rows = await db.execute({
    text: `
select index_name as name, non_unique as nonUnique, column_name as columnName, sub_part as prefix, ${isGalera} as isOnGalera
from information_schema.statistics
where table_schema = coalesce(?, database()) and table_name = ?
order by index_name, seq_in_index`.trim(),
    values: [key.table.schema ?? null, key.table.name],
  })
  // An index on the first letters of a column does not make the column unique.
  const columnOf = (row: StoredRow) =>
    row['prefix'] === null ? columns.find(({ name }) => name === row['columnName']) : undefined
  return [...Map.groupBy(rows, (row) => String(row['name']))].map(([name, parts]) => ({
    name,
    unique: Number(parts[0]?.['nonUnique']) === 0,
    columns: parts.map(columnOf),
    isOnGalera: Number(parts[0]?.['isOnGalera']) === 1,
  }))
}

function nullableColumns(key: KeyDefinition, columns: readonly TableColumn[]): readonly KeyProblem[] {
  if (key.nulls === 'equal') return []
  return key.parts.flatMap(({ column }) => {
    const stored = columns.find(({ name }) => name === column.name)
    if (!stored?.nullable || key.condition.some((term) => term.column === column)) return []
    const mend = `alter table ${tableText(key.table)} modify column ${quoted(stored.name)} ${stored.type} not null;`
    return [problem(key, 'nullable-column', stored.name, mend)]
  })
}

/**
 * A text column that is generated has the table's default collation. Where that is not the collation of the column it is
 * made of, the index finds other values equal than the key does.
 */
function otherCollations(
  { key, columns, terms, collationOf }: CatalogTable,
  arbiter: Arbiter | undefined,
): readonly KeyProblem[] {
  return terms.flatMap((term, index) => {
    const generated = columns.find(({ name }) => name === arbiter?.columns?.[index])
    const collation = collationOf(term.column)
    if (!generated?.expression || !generated.collation || collation === undefined) return []
    if (generated.collation === collation) return []
    const column = generatedColumn({ ...term, name: generated.name }, collationOf)
    const mend = `alter table ${tableText(key.table)} modify column ${column};`
    return [problem(key, 'other-collation', arbiter?.index ?? key.name, mend)]
  })
}

/** A unique index on the key's parts without its condition stands in the way of rows that the condition leaves free. */
function widerIndexes(table: CatalogTable): readonly KeyProblem[] {
  const { key, indexes, terms } = table
  if (key.condition.length === 0) return []
  const wider = indexes.find(({ name }) => name === arbiterFor(indexes, partsOf(table))?.index)
  if (!wider) return []
  const enough = arbiterFor(indexes, terms) !== undefined
  const dropped = `alter table ${tableText(key.table)} drop index ${quoted(wider.name)};`
  return [problem(key, 'wider-index', wider.name, enough ? dropped : madeAnew(table, wider))]
}

/** None serves: the index that was probably meant, and why it does not. */
function nearMiss(table: CatalogTable): KeyProblem {
  const { key, indexes } = table
  const names = key.parts.map((part) => part.column.name)
  const nullsDistinct = indexes.find(
    ({ unique, columns }) =>
      unique &&
      columns.length === names.length &&
      columns.every((column) => names.includes(column?.name ?? '')),
  )
  if (nullsDistinct && key.nulls === 'equal')
    return problem(key, 'nulls-distinct', nullsDistinct.name, madeAnew(table, nullsDistinct))
  const named = indexes.find((index) => index.name === key.name)
  if (!named) return problem(key, 'missing-index', '', madeAnew(table))
  const sameParts =
    named.unique &&
    partsOf(table).every((term) => named.columns.some((column) => column && isTerm(column, term)))
  const kind = sameParts && key.condition.length > 0 ? 'other-condition' : 'other-columns'
  return problem(key, kind, named.name, madeAnew(table, named))
}

/** The key's DDL, after the index in its way is gone, and generated columns that are left from an earlier one. */
function madeAnew({ key, columns, terms, ddl }: CatalogTable, inTheWay?: Index): string {
  const added = new Set(terms.map((_, index) => generatedName(key.name, index + 1)))
  const left = columns.filter(
    (column) =>
      column.expression !== undefined && (added.has(column.name) || inTheWay?.columns.includes(column)),
  )
  const dropped = [
    ...(inTheWay ? [`drop index ${quoted(inTheWay.name)}`] : []),
    ...left.map((column) => `drop column ${quoted(column.name)}`),
  ]
  return dropped.length === 0 ? ddl : `alter table ${tableText(key.table)} ${dropped.join(', ')};\n${ddl}`
}
