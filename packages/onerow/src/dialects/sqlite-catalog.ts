import { causes } from '../causes.ts'
import type { Database } from '../database.ts'
import type { Arbiter, Inspection, KeyProblem, Template } from '../dialect.ts'
import type { KeyDefinition } from '../key.ts'
import { partText, standard } from './clauses.ts'
import { indexPredicate } from './index-predicate.ts'
import { duplicateProblems, problem } from './problems.ts'

const { quoted, tableText } = standard

interface KeyTexts {
  readonly lookup: Template
  /** What the key's index is made of. */
  readonly terms: readonly string[]
  readonly conflictTarget: (predicate: string | undefined) => string
  readonly condition: string | undefined
  readonly ddl: string
  readonly duplicates?: boolean
}

interface Index {
  readonly name: string
  readonly unique: boolean
  /** A constraint of the table made it, so it cannot be dropped by itself. */
  readonly automatic: boolean
  readonly partial: boolean
  /** The names of its columns; null for an expression. */
  readonly columns: readonly unknown[]
}

interface FoundArbiter {
  /** Absent for the row id, which has no index. */
  readonly index?: Index
  readonly spelling: Pick<Arbiter, 'predicate' | 'index'>
}

type Executor = Pick<Database, 'execute'>

/** How SQLite enforces a key. Its own planner and compiler decide, by EXPLAIN, which runs nothing. */
export async function inspectSqlite(db: Executor, key: KeyDefinition, texts: KeyTexts): Promise<Inspection> {
  // The catalog has nothing to say of a table that does not exist; a statement has.
  await db.execute({ text: `select 1 from ${tableText(key.table)} limit 0`, values: [] })
  const proof = await schemaVersionOf(db, key)
  const indexes = await indexesOf(db, key)
  const nullable = await nullableColumns(db, key)
  const arbiters = await arbitersAmong(db, key, indexes, texts)
  if (arbiters[0])
    return {
      problems: [...widerIndexes(key, arbiters, texts), ...nullable],
      arbiter: { ...arbiters[0].spelling, ...proof },
    }
  const near = nearMiss(key, indexes, texts)
  if (texts.duplicates === false) return { problems: [near, ...nullable] }
  const duplicates = await duplicateProblems(db, key, {
    table: tableText(key.table),
    parts: key.parts.map((part) => partText(part, quoted(part.column.name))),
    condition: texts.condition,
  })
  return { problems: [near, ...nullable, ...duplicates] }
}

/** Every unique index that can decide a conflict of the key, those with a condition first. */
async function arbitersAmong(
  db: Executor,
  key: KeyDefinition,
  indexes: readonly Index[],
  texts: KeyTexts,
): Promise<readonly FoundArbiter[]> {
  const byRowId = key.parts.length === 1 && key.nulls === 'distinct'
  if (byRowId && /INTEGER PRIMARY KEY \(rowid=\?\)/.test(await searchPlan(db, key, 'not indexed', texts)))
    return [{ spelling: {} }]
  const arbiters: FoundArbiter[] = []
  for (const index of indexes) {
    const { name, unique, columns } = index
    if (!unique || columns.length !== texts.terms.length) continue
    const plan = await searchPlan(db, key, `indexed by ${quoted(name)}`, texts)
    // "SEARCH document USING INDEX name (user_id=? AND <expr>=?)": as many equalities as the index has columns.
    if ((plan.match(/=\?/g) ?? []).length !== columns.length) continue
    for (const predicate of new Set([undefined, await predicateOf(db, key, name)])) {
      if (!(await compiles(db, key, texts.conflictTarget(predicate)))) continue
      arbiters.push({
        index,
        spelling: predicate === undefined ? { index: name } : { index: name, predicate },
      })
      break
    }
  }
  return arbiters
}

/** SQLite takes any unique index on the conflict target's columns, so one without the key's condition decides too. */
function widerIndexes(
  key: KeyDefinition,
  arbiters: readonly FoundArbiter[],
  { ddl }: KeyTexts,
): readonly KeyProblem[] {
  if (key.condition.length === 0) return []
  const chosen = arbiters.flatMap(({ index }) => index ?? [])
  const enough = chosen.some((index) => index.partial)
  return chosen
    .filter((index) => !index.partial)
    .map((index) =>
      problem(
        key,
        'wider-index',
        index.name,
        enough
          ? drop(index)
          : `${drop(index)}
${ddl}`,
      ),
    )
}

/** How the planner searches for the key when it may use only this index; empty when it cannot. */
async function searchPlan(
  db: Executor,
  key: KeyDefinition,
  index: string,
  { lookup }: KeyTexts,
): Promise<string> {
  try {
    const plan = await db.execute({
      text: `explain query plan select 1 from ${tableText(key.table)} ${index} where ${lookup.text}`,
      values: lookup.slots.map(() => null),
    })
    return plan.map((step) => String(step['detail'])).join('\n')
  } catch (error) {
    if (says(error, /no query solution/)) return ''
    throw error
  }
}

/** What SQLite says, also when a data tool has wrapped it. */
function says(error: unknown, words: RegExp): boolean {
  return [...causes(error)].some(({ message }) => words.test(String(message)))
}

/** Whether SQLite finds a unique index for the conflict target. */
async function compiles(db: Executor, key: KeyDefinition, conflictTarget: string): Promise<boolean> {
  const columns = key.parts.map((part) => quoted(part.column.name)).join(', ')
  const table = tableText(key.table)
  try {
    await db.execute({
      // "where true" keeps the parser from reading ON CONFLICT as a join (sqlite.org/lang_upsert.html, 2.2).
      text: `explain insert into ${table} (${columns}) select ${columns} from ${table} where true on conflict ${conflictTarget} do nothing`,
      values: [],
    })
    return true
  } catch (error) {
    if (says(error, /ON CONFLICT clause does not match/)) return false
    throw error
  }
}

/** Nothing for an attached database, whose version a SELECT cannot ask: there the catalog is read at every call. */
async function schemaVersionOf(db: Executor, key: KeyDefinition): Promise<Pick<Arbiter, 'proof'>> {
  if (key.table.schema !== undefined && key.table.schema !== 'main') return {}
  const [row] = await db.execute({
    text: 'select schema_version as "schemaVersion" from pragma_schema_version',
    values: [],
  })
  return { proof: String(row?.['schemaVersion']) }
}

async function indexesOf(db: Executor, key: KeyDefinition): Promise<readonly Index[]> {
  const rows = await db.execute({
    text: `
select l.name as "name", l."unique" as "unique", l.partial as "partial", l.origin as "origin", i.name as "column"
from pragma_index_list(?1, ?2) as l, pragma_index_info(l.name, ?2) as i
order by l.partial desc, l.seq, i.seqno`.trim(),
    values: [key.table.name, key.table.schema ?? 'main'],
  })
  const byName = Map.groupBy(rows, (row) => String(row['name']))
  return [...byName].map(([name, columns]) => ({
    name,
    unique: Number(columns[0]?.['unique']) === 1,
    automatic: columns[0]?.['origin'] !== 'c',
    partial: Number(columns[0]?.['partial']) === 1,
    columns: columns.map((column) => column['column']),
  }))
}

async function predicateOf(db: Executor, key: KeyDefinition, index: string): Promise<string | undefined> {
  const schema = quoted(key.table.schema ?? 'main')
  const [row] = await db.execute({
    text: `select sql as "sql" from ${schema}.sqlite_schema where type = 'index' and name = ?1`,
    values: [index],
  })
  return typeof row?.['sql'] === 'string' ? indexPredicate(row['sql']) : undefined
}

async function nullableColumns(db: Executor, key: KeyDefinition): Promise<readonly KeyProblem[]> {
  if (key.nulls === 'equal') return []
  const rows = await db.execute({
    text: `select name as "name" from pragma_table_info(?1, ?2) where not "notnull" and not (pk and upper(type) = 'INTEGER')`,
    values: [key.table.name, key.table.schema ?? 'main'],
  })
  const nullable = new Set(rows.map((row) => row['name']))
  return key.parts
    .map((part) => part.column)
    .filter((column) => nullable.has(column.name) && !key.condition.some((term) => term.column === column))
    .map(({ name }) =>
      problem(
        key,
        'nullable-column',
        name,
        `-- SQLite makes a column NOT NULL only by making the table anew: https://sqlite.org/lang_altertable.html#otheralter`,
      ),
    )
}

function drop({ name, automatic }: Index): string {
  return automatic
    ? `-- "${name}" belongs to a constraint, which SQLite drops only by making the table anew.`
    : `drop index ${quoted(name)};`
}

/** None serves: the index that was probably meant, and why it does not. */
function nearMiss(key: KeyDefinition, indexes: readonly Index[], { ddl }: KeyTexts): KeyProblem {
  const names = key.parts.map((part) => (part.of ? null : part.column.name))
  const sameColumns = indexes.filter(
    ({ unique, columns }) =>
      unique && columns.length === names.length && names.every((name) => columns.includes(name)),
  )
  const nullsDistinct = key.nulls === 'equal' ? sameColumns[0] : undefined
  const near = indexes.find((index) => index.name === key.name) ?? nullsDistinct
  if (!near) return problem(key, 'missing-index', '', ddl)
  const mend = `${drop(near)}\n${ddl}`
  if (!sameColumns.includes(near)) return problem(key, 'other-columns', near.name, mend)
  return problem(key, key.nulls === 'equal' ? 'nulls-distinct' : 'other-condition', near.name, mend)
}
