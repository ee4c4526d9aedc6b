import type { Statement, StoredRow } from '../database.ts'
import { standard } from '../dialects/clauses.ts'

const { quoted } = standard

/** Where an EXPLAIN is to be answered. */
export interface Explainer {
  executeMultiple(sql: string): Promise<void>
  readonly execute: (statement: Statement) => Promise<readonly StoredRow[]>
}

/** What the dialect asks the planner: whether this index, or the row id, finds a row by the key. */
const question =
  /^explain query plan select 1 from ((?:"((?:[^"]|"")+)"\.)?"((?:[^"]|"")+)") (?:not indexed|indexed by "((?:[^"]|"")+)") where (.*)$/s

/**
 * Answers the EXPLAINs of the SQLite dialect from the catalog. libsql 0.5 leaves an EXPLAIN whose rows it has read in progress
 * until it is collected as garbage, and so long the connection shows the database as it was then, and commits nothing that
 * it writes by itself. executeMultiple ends it, but has no rows: it says whether SQLite compiles the statement.
 */
export async function explain(client: Explainer, text: string): Promise<readonly StoredRow[]> {
  await client.executeMultiple(text)
  const [, tableText, schema = 'main', table, index, where] = question.exec(text) ?? []
  if (tableText === undefined || table === undefined || where === undefined) return []
  const looksUp = (column: string) => where.includes(`${quoted(column)} = `)
  if (index === undefined) {
    const primaryKey = await client.execute({
      text: 'select name, type from pragma_table_info(?1, ?2) where pk',
      values: [unquoted(table), unquoted(schema)],
    })
    const [column] = primaryKey
    const isRowId = primaryKey.length === 1 && String(column?.['type']).toUpperCase() === 'INTEGER'
    return isRowId && looksUp(String(column?.['name'])) ? [{ detail: 'INTEGER PRIMARY KEY (rowid=?)' }] : []
  }
  const columns = await client.execute({
    text: 'select name, coll from pragma_index_xinfo(?1, ?2) where key',
    values: [unquoted(index), unquoted(schema)],
  })
  const equalities: string[] = []
  for (const { name, coll } of columns) {
    // An expression has no name; whether it is the key's, the conflict target tells.
    if (
      typeof name !== 'string' ||
      (looksUp(name) && (await collates(client, tableText, name, String(coll))))
    )
      equalities.push('=?')
  }
  return [{ detail: equalities.join(' ') }]
}

/** Whether a column is compared as an index does it: the conflict target does not tell (upsert.c ignores the collation). */
async function collates(
  client: Explainer,
  table: string,
  column: string,
  collation: string,
): Promise<boolean> {
  // A compound SELECT has the collations of its first part.
  const [answer] = await client.execute({
    text: `
select count(*) as "others"
from (select ${quoted(column)} as c from ${table} where false union all select 'A' union all select 'a ')
where (c = 'a') is not (c = 'a' collate ${quoted(collation)})`.trim(),
    values: [],
  })
  return Number(answer?.['others']) === 0
}

function unquoted(name: string): string {
  return name.replaceAll('""', '"')
}
