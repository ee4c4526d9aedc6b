import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  createUnique,
  expression,
  getOrCreate,
  keySql,
  table,
  transaction,
  uniqueKey,
  updateOrCreate,
  verifyKeys,
} from 'onerow'
import { fromNodeSqlite } from 'onerow/node-sqlite'

// What a caller without types can pass: each is refused in words, before any SQL, and nothing is written.

const database = new DatabaseSync(':memory:')
const db = fromNodeSqlite(database)
const things = table<{ name: string; value: number | null }>('thing', {
  columns: { name: 'name', value: 'value' },
})
const key = uniqueKey(things, ['name'], { name: 'thing_name' })
database.exec('create table thing (name text not null, value integer)')
database.exec(keySql(key, db.dialect))

/** Without types, as a caller in JavaScript is. */
function untyped(call: (...values: never[]) => unknown): (...values: unknown[]) => unknown {
  return (...values) => call(...(values as never[]))
}

const where = { name: 'a' }
const calls: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['no values', () => untyped(getOrCreate)(db, key), /needs its values: \{ where, create \}/],
  ['where: null', () => untyped(getOrCreate)(db, key, { where: null }), /`where` must be an object.*Null/],
  [
    'where: a list',
    () => untyped(getOrCreate)(db, key, { where: ['a'] }),
    /`where` must be an object.*Array/,
  ],
  ['no where', () => untyped(getOrCreate)(db, key, {}), /the lookup is empty/],
  [
    'a misspelt name',
    () => untyped(getOrCreate)(db, key, { where, creat: {} }),
    /takes where, create; it got "creat"/,
  ],
  [
    'a promise as create',
    () => untyped(getOrCreate)(db, key, { where, create: Promise.resolve({}) }),
    /`create` .*a promise: await it first/,
  ],
  [
    'a list as create',
    () => untyped(getOrCreate)(db, key, { where, create: [] }),
    /`create` must be an object/,
  ],
  [
    'a function that gives text',
    () => untyped(getOrCreate)(db, key, { where, create: () => 'x' }),
    /`create` must be an object.*String/,
  ],
  [
    'a function in where',
    () => untyped(getOrCreate)(db, key, { where: { name: () => 'a' } }),
    /is a function, not a value/,
  ],
  [
    'a promise in where',
    () => untyped(getOrCreate)(db, key, { where: { name: Promise.resolve('a') } }),
    /is a promise, not a value/,
  ],
  ['NaN in where', () => untyped(getOrCreate)(db, key, { where: { name: Number.NaN } }), /is NaN/],
  [
    'an invalid Date in where',
    () => untyped(getOrCreate)(db, key, { where: { name: new Date(Number.NaN) } }),
    /is an invalid Date/,
  ],
  [
    '__proto__ in create',
    () => untyped(getOrCreate)(db, key, { where, create: JSON.parse('{"__proto__": 1}') }),
    /names "__proto__"/,
  ],
  ['no update', () => untyped(updateOrCreate)(db, key, { where }), /needs `update`/],
  [
    'update: null',
    () => untyped(updateOrCreate)(db, key, { where, update: null }),
    /`update` must be an object/,
  ],
  [
    'a list as update',
    () => untyped(updateOrCreate)(db, key, { where, update: [] }),
    /`update` must be an object/,
  ],
  [
    'the pool itself as db',
    () => untyped(createUnique)(database, key, { where }),
    /first argument must be a database of onerow's/,
  ],
  ['no key', () => untyped(getOrCreate)(db, undefined, { where }), /A key is made by uniqueKey/],
  ['the table as key', () => untyped(getOrCreate)(db, things, { where }), /A key is made by uniqueKey/],
  ['a single key to verify', () => untyped(verifyKeys)(db, key), /verifyKeys takes a list/],
  [
    'no database for a transaction',
    () => untyped(transaction)(undefined, async () => 1),
    /first argument must be a database/,
  ],
  ['a key of no table', () => untyped(uniqueKey)(undefined, ['name'], { name: 'k' }), /must be a table/],
  ['a key without options', () => untyped(uniqueKey)(things, ['name']), /has no name/],
  ['text as columns', () => untyped(uniqueKey)(things, 'name', { name: 'k' }), /its columns must be a list/],
  [
    'an unknown nulls',
    () => untyped(uniqueKey)(things, ['name'], { name: 'k', nulls: 'same' }),
    /must be 'distinct' or 'equal'/,
  ],
  ['a table without columns', () => untyped(table)('t', { columns: {} }), /needs its columns/],
  ['a table without options', () => untyped(table)('t'), /needs its columns/],
  [
    'a codec that is none',
    () => untyped(table)('t', { columns: { a: { name: 'a', encode: 5 } } }),
    /must be a function/,
  ],
  [
    'an expression as text',
    () => untyped(expression)('name', 'lower(name)'),
    /must be a function that puts its operand/,
  ],
  [
    'an expression that ignores its operand',
    () => untyped(expression)('name', () => 'lower(name)'),
    /must be a function that puts its operand/,
  ],
]

for (const [name, call, message] of calls) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(async () => call(), message)
    assert.deepEqual(database.prepare('select * from thing').all(), [])
  })
}
