import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { indexPredicate } from '../../src/dialects/index-predicate.ts'

const cases: readonly (readonly [string, string | undefined])[] = [
  ['create unique index i on t (a)', undefined],
  ['create unique index i on t (a) where a > 0', 'a > 0'],
  ['CREATE UNIQUE INDEX i ON t (a)\n  WHERE\n  b = 1', 'b = 1'],
  ['create index "where" on "where" ("where") where "where" = 1', '"where" = 1'],
  ['create index i on t ((case when a in (select 1 where 1) then 1 end)) where b', 'b'],
  ["create index i on t (ifnull(a, ' where ')) where b = ')'", "b = ')'"],
  ['create index i on t (a /* where ( */) -- where )\n where b', 'b'],
  ['create index [where] on `where` (a) where [b]', '[b]'],
]

for (const [sql, predicate] of cases) {
  test(`the predicate of: ${sql.replaceAll('\n', ' ')}`, () => assert.equal(indexPredicate(sql), predicate))
}

test('the predicate of any string literal is what SQLite was given', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      (text) => {
        const database = new DatabaseSync(':memory:')
        const predicate = `a <> '${text.replaceAll("'", "''")}'`
        database.exec(`create table t (a); create unique index i on t (a) where ${predicate}`)
        const stored = database.prepare(`select sql from sqlite_schema where name = 'i'`).get()?.['sql']
        // SQLite stores UTF-8; a lone surrogate comes back as the replacement character.
        assert.equal(indexPredicate(String(stored)), predicate.toWellFormed())
        database.close()
      },
    ),
  )
})
