import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import fc from 'fast-check'
import { getOrCreate, keySql, table, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { fromPg } from 'onerow/pg'
import pg from 'pg'

interface Thing {
  readonly name: string
  readonly kind: string
}

/** Any name or text that the engines can store: no NUL, no lone surrogate. */
const text = fc
  .string({ unit: 'binary', maxLength: 15 })
  .filter((value) => !value.includes('\0') && value.isWellFormed())
const trap = fc.constantFrom("'", "''", '\\', "\\'", '"', '--', '$1', '?1', "E'\\''", "'; drop table t; --")
const name = fc
  .oneof(text, trap)
  .filter((value) => value !== '' && new TextEncoder().encode(value).length < 60)

/** Whatever the names and the condition's text, the key works: one row, found again, and the index is the key's. */
async function keyWorks(db: Database, names: readonly [string, string, string], kind: string): Promise<void> {
  const [tableName, nameColumn, kindColumn] = names
  const things = table<Thing>(tableName, { columns: { name: nameColumn, kind: kindColumn } })
  const key = uniqueKey(things, ['name'], { name: `key ${tableName}`.slice(0, 40), condition: { kind } })
  const quote = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`
  const run = (sql: string) => db.execute({ text: sql, values: [] })
  await run(
    `create table ${quote(tableName)} (${quote(nameColumn)} text not null, ${quote(kindColumn)} text)`,
  )
  try {
    await run(keySql(key, db.dialect))
    assert.deepEqual((await db.dialect.inspect(db, key)).problems, [])
    const call = () => getOrCreate(db, key, { where: { name: kind } })
    const expected = { name: kind, kind }
    const [first, second] = [await call(), await call()]
    assert.deepEqual({ ...first.row, created: first.created }, { ...expected, created: true })
    assert.deepEqual({ ...second.row, created: second.created }, { ...expected, created: false })
  } finally {
    await run(`drop table ${quote(tableName)}`)
  }
}

const names = fc
  .tuple(name, name, name)
  // SQLite compares names without regard to ASCII case, and keeps sqlite_ for itself.
  .filter(([own, a, b]) => a.toLowerCase() !== b.toLowerCase() && !own.toLowerCase().startsWith('sqlite_'))

test('any name and any condition text on SQLite', async () => {
  const database = new DatabaseSync(':memory:')
  const property = fc.asyncProperty(names, fc.oneof(text, trap), (given, kind) =>
    keyWorks(fromNodeSqlite(database), given, kind),
  )
  await fc.assert(property, { numRuns: 200 })
})

for (const setting of ['on', 'off']) {
  test(`any name and any condition text on PostgreSQL, standard_conforming_strings ${setting}`, async () => {
    const database = await testDatabase({ name: 'literals' })
    const pool = new pg.Pool({
      connectionString: database.url,
      max: 1,
      options: `-c standard_conforming_strings=${setting} -c escape_string_warning=off`,
    })
    after(async () => {
      await pool.end()
      await database.drop()
    })
    const property = fc.asyncProperty(names, fc.oneof(text, trap), (given, kind) =>
      keyWorks(fromPg(pool), given, kind),
    )
    await fc.assert(property, { numRuns: 60 })
  })
}
