import type { Database, StoredRow } from '../database.ts'
import type { IndexIdentity, Inspection, KeyProblem } from '../dialect.ts'
import type { KeyDefinition } from '../key.ts'
import { partText, standard } from './clauses.ts'
import { duplicateProblems, problem } from './problems.ts'

const { indexedPart, quoted, tableText } = standard

interface KeyTexts {
  readonly conflictTarget: string
  readonly condition: string | undefined
  readonly ddl: string
  readonly ddlNamed: (name: string) => string
  readonly isUnenforced: (error: unknown) => boolean
  readonly duplicates?: boolean
}

interface Index extends IndexIdentity {
  readonly unique: boolean
  readonly valid: boolean
  readonly immediate: boolean
  readonly nullsEqual: boolean
  /** The constraint that owns the index, if one does. */
  readonly constraint: string | null
  readonly primary: boolean
  /** One of its columns is compared by another collation than in the table, under which other values are equal. */
  readonly otherCollation: boolean
  readonly partial: boolean
  /** Its columns and expressions, as PostgreSQL writes them. */
  readonly parts: string
}

type Executor = Pick<Database, 'execute'>

/** How PostgreSQL enforces a key: which index the planner takes as arbiter, and whether that index holds what it says. */
export async function inspectPostgres(
  db: Executor,
  key: KeyDefinition,
  texts: KeyTexts,
): Promise<Inspection> {
  const indexes = await indexesOf(db, key)
  const nullable = await nullableColumns(db, key)
  const arbiters = await arbiterNames(db, key, texts)
  const chosen = indexes.filter((index) => arbiters.includes(index.name))
  const wrong = chosen.length > 0 ? faults(key, chosen, texts) : [nearMiss(key, indexes, texts)]
  if (wrong.length === 0)
    return {
      problems: [...widerIndexes(key, chosen, texts), ...nullable],
      arbiter: chosen[0] ? { index: chosen[0].name, identity: identityOf(chosen[0]) } : { index: key.name },
    }
  if (texts.duplicates === false) return { problems: [...wrong, ...nullable] }
  const duplicates = await duplicateProblems(db, key, {
    table: tableText(key.table),
    parts: key.parts.map((part) => partText(part, quoted(part.column.name))),
    condition: texts.condition,
  })
  return { problems: [...wrong, ...nullable, ...duplicates] }
}

function identityOf({ schema, name, oid, tableOid }: Index): IndexIdentity {
  return { schema, name, oid, tableOid }
}

/**
 * The indexes that the planner would arbitrate with. It knows better than any comparison of texts which predicates imply
 * which; EXPLAIN plans the statement and does not run it.
 */
async function arbiterNames(db: Executor, key: KeyDefinition, texts: KeyTexts): Promise<readonly string[]> {
  const columns = key.parts.map((part) => quoted(part.column.name)).join(', ')
  const table = tableText(key.table)
  try {
    const [plan] = await db.execute({
      text: `explain (format json) insert into ${table} (${columns}) select ${columns} from ${table} on conflict ${texts.conflictTarget} do nothing`,
      values: [],
    })
    return arbitersIn(plan?.['QUERY PLAN'])
  } catch (error) {
    if (texts.isUnenforced(error)) return []
    throw error
  }
}

/** Every "Conflict Arbiter Indexes" in a plan; on a partitioned table each partition has its own. */
function arbitersIn(plan: unknown): readonly string[] {
  const parsed: unknown = typeof plan === 'string' ? JSON.parse(plan) : plan
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.entries(parsed).flatMap(([name, value]: [string, unknown]) =>
    name === 'Conflict Arbiter Indexes' && Array.isArray(value)
      ? value.map(String)
      : arbitersIn(typeof value === 'object' ? value : undefined),
  )
}

async function indexesOf(db: Executor, key: KeyDefinition): Promise<readonly Index[]> {
  // indnullsnotdistinct came with PostgreSQL 15; read by way of jsonb it is simply absent before.
  const rows = await db.execute({
    text: `
select i.relname as "name",
  i.oid::text as "oid",
  x.indrelid::text as "tableOid",
  x.indisunique as "unique",
  x.indisvalid and x.indisready as "valid",
  x.indimmediate as "immediate",
  coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) as "nullsEqual",
  c.conname as "constraint",
  x.indisprimary as "primary",
  exists (
    select from unnest(x.indkey::int2[], x.indcollation::oid[]) as part(number, coll)
    join pg_attribute as a on a.attrelid = x.indrelid and a.attnum = part.number
    join pg_collation as o on o.oid in (part.coll, a.attcollation)
    where part.coll <> a.attcollation and not o.collisdeterministic
  ) as "otherCollation",
  x.indpred is not null as "partial",
  (select string_agg(pg_get_indexdef(x.indexrelid, n, true), ', ' order by n)
   from generate_series(1, x.indnkeyatts) as n) as "parts",
  s.nspname as "schema"
from pg_index as x
join pg_class as i on i.oid = x.indexrelid
join pg_namespace as s on s.oid = i.relnamespace
left join pg_constraint as c on c.conindid = x.indexrelid and c.contype in ('p', 'u', 'x')
where x.indrelid = $1::regclass and (x.indisunique or i.relname = $2)`.trim(),
    values: [tableText(key.table), key.name],
  })
  return rows.map(toIndex)
}

function toIndex(row: StoredRow): Index {
  return {
    name: String(row['name']),
    oid: String(row['oid']),
    tableOid: String(row['tableOid']),
    unique: row['unique'] === true,
    valid: row['valid'] === true,
    immediate: row['immediate'] === true,
    nullsEqual: row['nullsEqual'] === true,
    constraint: typeof row['constraint'] === 'string' ? row['constraint'] : null,
    primary: row['primary'] === true,
    otherCollation: row['otherCollation'] === true,
    partial: row['partial'] === true,
    parts: String(row['parts']),
    schema: String(row['schema']),
  }
}

async function nullableColumns(db: Executor, key: KeyDefinition): Promise<readonly KeyProblem[]> {
  if (key.nulls === 'equal') return []
  const rows = await db.execute({
    text: `
select attname as "name"
from pg_attribute
where attrelid = $1::regclass and attnum > 0 and not attisdropped and not attnotnull`.trim(),
    values: [tableText(key.table)],
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
        `alter table ${tableText(key.table)} alter column ${quoted(name)} set not null;`,
      ),
    )
}

/** What is wrong with the indexes that the planner chose: one deferrable among them is enough to fail each insert. */
function faults(key: KeyDefinition, chosen: readonly Index[], { ddl }: KeyTexts): readonly KeyProblem[] {
  const collated = chosen.find((index) => index.otherCollation)
  if (collated) return [problem(key, 'other-collation', collated.name, `${drop(key, collated)}\n${ddl}`)]
  const deferrable = chosen.find((index) => !index.immediate)
  if (deferrable) {
    const mend = deferrable.primary ? drop(key, deferrable) : `${drop(key, deferrable)}\n${ddl}`
    return [problem(key, 'deferrable', deferrable.constraint ?? deferrable.name, mend)]
  }
  if (key.nulls === 'equal' && !chosen.some((index) => index.nullsEqual)) {
    const [index] = chosen
    return index ? [problem(key, 'nulls-distinct', index.name, `${drop(key, index)}\n${ddl}`)] : []
  }
  return []
}

/** Every chosen index decides conflicts, so one without the key's condition makes rows outside of it conflict too. */
function widerIndexes(
  key: KeyDefinition,
  chosen: readonly Index[],
  { ddl }: KeyTexts,
): readonly KeyProblem[] {
  if (key.condition.length === 0) return []
  const enough = chosen.some((index) => index.partial)
  return chosen
    .filter((index) => !index.partial)
    .map((index) =>
      problem(key, 'wider-index', index.name, enough ? drop(key, index) : `${drop(key, index)}\n${ddl}`),
    )
}

/** The planner chose none: the index that was probably meant, and why it does not serve. */
function nearMiss(key: KeyDefinition, indexes: readonly Index[], texts: KeyTexts): KeyProblem {
  const { ddl } = texts
  const wanted = plain(key.parts.map(indexedPart).join(', '))
  const sameParts = indexes.filter((index) => index.unique && plain(index.parts) === wanted)
  const named = indexes.find((index) => index.name === key.name)
  // The name of the primary key, given to a key of other columns, is a slip in the code: it is not to be dropped for that.
  if (named?.primary) return problem(key, 'other-columns', named.name, texts.ddlNamed(`${key.name}_unique`))
  const near = named ?? sameParts.find((index) => !index.valid)
  if (!near) return problem(key, 'missing-index', '', ddl)
  const mend = `${drop(key, near)}\n${ddl}`
  if (!near.valid) return problem(key, 'invalid-index', near.name, mend)
  return problem(key, sameParts.includes(near) ? 'other-condition' : 'other-columns', near.name, mend)
}

/** The statement that drops an index, or a constraint with it; a primary key is made anew, never dropped. */
function drop(key: KeyDefinition, index: Index): string {
  const table = tableText(key.table)
  if (index.constraint === null) return `drop index ${quoted(index.schema)}.${quoted(index.name)};`
  const dropped = `alter table ${table} drop constraint ${quoted(index.constraint)}`
  return index.primary
    ? `${dropped}, add constraint ${quoted(index.constraint)} primary key (${index.parts});`
    : `${dropped};`
}

/** SQL without the quotes, parentheses and spaces that PostgreSQL writes differently from us. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/["()\s]/g, '')
}
