import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session } from '../src/actor.ts'
import { conflict, yieldFootprint } from '../src/footprint.ts'
import type { Footprint } from '../src/footprint.ts'
import { relationsOf } from '../src/servers/relations.ts'
import type { Isolation, OpenSessions } from '../src/sessions.ts'
import { Transactions } from '../src/transactions.ts'

const relations = relationsOf({
  foreignKeys: [
    { child: 'child', parent: 'parent' },
    { child: 'grandchild', parent: 'child' },
  ],
  parts: [{ whole: 'seen', part: 'item' }],
  opaque: new Set(['triggered']),
})

const newSession = (): Session => ({ id: () => 1, cut: () => {} })

interface Where {
  readonly isolation?: Isolation
  readonly serializableBy?: OpenSessions['serializableBy']
  readonly session?: Session
}

/** What the last of these statements does, in a session that has done those before. A statement with `✗` fails. */
function last(
  statements: readonly string[],
  { isolation = 'read committed', serializableBy = 'cycles', session = newSession() }: Where = {},
): Footprint {
  const transactions = new Transactions({ isolation, serializableBy, relations })
  let footprint: Footprint | undefined
  for (const statement of statements) {
    const outgoing = { session, text: statement.replace('✗ ', ''), values: [] }
    footprint = transactions.footprint(outgoing)
    transactions.go(outgoing)
    if (statement.startsWith('✗')) footprint = transactions.fail(outgoing)
  }
  assert.ok(footprint)
  return footprint
}

const levels: readonly Isolation[] = ['read uncommitted', 'read committed', 'repeatable read', 'serializable']

interface Case {
  readonly a: readonly string[]
  readonly b: readonly string[]
  /** At which levels it matters who comes first. */
  readonly at: readonly Isolation[]
}

const read = ['begin', 'select * from item']
const write = ['begin', 'insert into item values (1)']
const commit = [...write, 'commit']
const never: readonly Isolation[] = []
const always = levels
const onlySerializable: readonly Isolation[] = ['serializable']
const keepsSnapshot: readonly Isolation[] = ['repeatable read', 'serializable']

const cases: Readonly<Record<string, Case>> = {
  'two reads of one table: only where the server looks for cycles': {
    a: read,
    b: read,
    at: onlySerializable,
  },
  'a read and a write that is not committed': { a: read, b: write, at: ['read uncommitted', 'serializable'] },
  'a read and the commit of what it could see': { a: read, b: commit, at: always },
  'a read and a rollback': { a: read, b: [...write, 'rollback'], at: always },
  'a read of another table and a commit: where it is the snapshot': {
    a: ['begin', 'select * from other'],
    b: commit,
    at: keepsSnapshot,
  },
  'a first write and a commit elsewhere': {
    a: ['begin', 'update other set a = 1'],
    b: commit,
    at: keepsSnapshot,
  },
  'START TRANSACTION WITH CONSISTENT SNAPSHOT and a commit': {
    a: ['start transaction with consistent snapshot'],
    b: commit,
    at: always,
  },
  'BEGIN and a commit': { a: ['begin'], b: commit, at: never },
  'two inserts into one table: its unique index is one': { a: write, b: write, at: always },
  'a locking read and a write': { a: ['begin', 'select * from item for share'], b: write, at: always },
  'writes of two tables': {
    a: write,
    b: ['begin', 'insert into other values (1)'],
    at: keepsSnapshot.slice(1),
  },
  'a write and the commit that lets its lock go': { a: write, b: commit, at: always },
  'a write and a rollback to a savepoint': { a: write, b: [...write, 'rollback to savepoint a'], at: always },
  'a write and a rollback to a savepoint, of another table': {
    a: write,
    b: ['begin', 'delete from other', 'rollback to a'],
    at: keepsSnapshot,
  },
  'two commits: what they publish is there after both': { a: commit, b: commit, at: onlySerializable },
  'two commits that have read and written other tables': {
    a: [...read, 'commit'],
    b: ['begin', 'delete from other', 'commit'],
    at: onlySerializable,
  },
  'the commit of one who has only read': { a: [...read, 'commit'], b: write, at: onlySerializable },
  'an autocommitted write and a read': { a: ['insert into item values (1)'], b: read, at: always },
  'an autocommitted write and a read of another table': {
    a: ['insert into item values (1)'],
    b: ['begin', 'select * from other'],
    at: keepsSnapshot,
  },
  'what an update reads: InnoDB locks it': {
    a: ['begin', 'update other set a = (select max(a) from item)'],
    b: write,
    at: always,
  },
  'a child and its parent': {
    a: ['begin', 'insert into child values (1)'],
    b: ['begin', 'delete from parent'],
    at: always,
  },
  'a delete that cascades twice': {
    a: ['begin', 'delete from grandchild'],
    b: ['begin', 'delete from parent'],
    at: always,
  },
  'a view and its table': { a: ['begin', 'select * from seen'], b: commit, at: always },
  'the failure that lets locks go': {
    a: write,
    b: ['begin', 'delete from item', '✗ insert into other values (1)'],
    at: always,
  },
  'a write after a failure may be committed at once': {
    a: read,
    b: ['begin', '✗ delete from item', 'delete from item'],
    at: always,
  },
  'a write of a table with triggers': { a: read, b: ['begin', 'delete from triggered'], at: always },
  'the commit after that': { a: read, b: ['begin', 'delete from triggered', 'commit'], at: always },
  'the commit after a call': { a: read, b: ['begin', 'call a()', 'commit'], at: always },
  'a transaction after that': {
    a: ['begin', 'select 1 from other'],
    b: ['call a()', 'commit', 'begin', 'delete from item'],
    at: onlySerializable,
  },
  'locks of no table': {
    a: ['begin', 'select pg_advisory_xact_lock(1)'],
    b: ['begin', 'select pg_advisory_xact_lock(1)', 'commit'],
    at: always,
  },
  'BEGIN in a transaction, which MariaDB commits': { a: read, b: [...write, 'begin'], at: always },
  'the commit after that BEGIN': { a: read, b: [...write, 'begin', 'commit'], at: always },
  'all in one text': { a: read, b: ['begin; insert into item values (1); commit'], at: always },
  'a text that begins, and a commit': {
    a: read,
    b: ['begin; insert into item values (1)', 'commit'],
    at: always,
  },
  'without autocommit, everything': { a: read, b: ['set autocommit = 0', 'commit', 'select 1'], at: always },
}

for (const [name, { a, b, at }] of Object.entries(cases))
  test(`whether the order matters: ${name}`, () => {
    const found = levels.filter((isolation) => conflict(last(a, { isolation }), last(b, { isolation })))
    assert.deepEqual(found, at)
    const reversed = levels.filter((isolation) => conflict(last(b, { isolation }), last(a, { isolation })))
    assert.deepEqual(reversed, at)
  })

const byLocks = { isolation: 'serializable', serializableBy: 'locks' } as const
const lockingCases: Readonly<Record<string, Omit<Case, 'at'> & { readonly matters: boolean }>> = {
  'two reads of one table': { a: read, b: read, matters: false },
  'a read and a write': { a: read, b: write, matters: true },
  'a read and a write of another table': { a: read, b: ['begin', 'delete from other'], matters: false },
  'writes of two tables': { a: write, b: ['begin', 'delete from other'], matters: false },
  'the commit of one who has only read, and a write': { a: [...read, 'commit'], b: write, matters: true },
  'two commits': { a: commit, b: commit, matters: false },
}

for (const [name, { a, b, matters }] of Object.entries(lockingCases))
  test(`whether the order matters where SERIALIZABLE takes locks: ${name}`, () => {
    assert.equal(conflict(last(a, byLocks), last(b, byLocks)), matters)
    assert.equal(conflict(last(b, byLocks), last(a, byLocks)), matters)
  })

test("the level is the transaction's own, however it was told", () => {
  const other = ['select * from other']
  const isSnapshot = (statements: readonly string[]) => last([...statements, ...other]).isSnapshot
  assert.ok(isSnapshot(['begin isolation level repeatable read']))
  assert.ok(isSnapshot(['begin', 'set transaction isolation level repeatable read']))
  assert.ok(isSnapshot(['set transaction isolation level repeatable read', 'begin']))
  assert.ok(isSnapshot(['set session transaction isolation level repeatable read', 'begin']))
  assert.ok(!isSnapshot(['begin isolation level repeatable read', 'commit', 'begin']))
})

test('what a session was told of its transactions to come outlives a run', () => {
  const session = newSession()
  last(['set session transaction isolation level repeatable read'], { session })
  assert.ok(last(['begin', 'select 1'], { session }).isSnapshot)
  last([`set default_transaction_isolation = 'serializable'`], { session })
  assert.ok(last(['begin', 'select 1'], { session }).isOpaque)
})

test('a yield point stands for what is not in the database, and what that is, nobody knows', () => {
  assert.ok(conflict(yieldFootprint, yieldFootprint))
  assert.ok(conflict(yieldFootprint, last(read)) && conflict(last(read), yieldFootprint))
})
