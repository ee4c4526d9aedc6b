import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import { verifyKeys } from '../verify-keys.ts'
import type { Case } from './case.ts'
import { createItemTable, createKey } from './items.ts'
import { kindsOfKey } from './key-kinds.ts'
import { rejected } from './rejected.ts'
import { script } from './script.ts'

const where = { owner: 1, kind: 'a' }

const ownDdl: readonly Case[] = kindsOfKey.map(({ name, make }) => ({
  id: 'K07',
  name: `a key's own DDL makes the database enforce it: ${name}`,
  async run(engine) {
    const { key, call, columns } = await make(engine)
    const { db } = await engine.open({ connections: 1 })
    assert.notDeepEqual(await verifyKeys(db, [key]), [], 'without the index it must fail')
    await createKey(engine, key)
    const problems = (await verifyKeys(db, [key])).filter((problem) => problem.kind !== 'nullable-column')
    assert.deepEqual(problems, [])
    // More calls than a server plans with the values known: afterwards they are plain parameters.
    const first = await call(db, 1)
    assert.equal(first.created, true)
    for (let n = 0; n < 12; n++) {
      const { row, created } = await call(db, 1)
      assert.deepEqual([created, row.id], [false, first.row.id])
    }
    for (const number of [2, 3]) {
      assert.deepEqual([(await call(db, number)).created, (await call(db, number)).created], [true, false])
    }
    const copy = engine.execute(
      `insert into ${key.table.name} (${columns}) select ${columns} from ${key.table.name}`,
    )
    assert.equal(db.dialect.classify(await rejected(copy)).kind, 'unique-violation')
  },
}))

export const keyCases: readonly Case[] = [
  ...ownDdl,
  {
    id: 'K01',
    name: 'a unique constraint of any name is a key, in any order of its columns',
    async run(engine) {
      const { integer, text } = engine.sql.types
      const name = engine.uniqueName('constrained')
      await engine.execute(`create table ${name} (a ${integer} not null, b ${text} not null, unique (b, a))`)
      const things = table<{ a: number; b: string }>(name, { columns: { a: 'a', b: 'b' } })
      const key = uniqueKey(things, ['a', 'b'], { name: 'some_other_name' })
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      const call = () => getOrCreate(engine.db, key, { where: { a: 1, b: 'x' } })
      assert.deepEqual([(await call()).created, (await call()).created], [true, false])
    },
  },
  {
    id: 'K01',
    name: 'columns that an index merely covers do not widen the key',
    needs: ['covering columns'],
    async run(engine) {
      const { key, name } = await createItemTable(engine)
      await engine.execute(
        `create unique index ${key.name} on ${name} (owner_id, kind) include (label, amount)`,
      )
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      const call = (label: string) => getOrCreate(engine.db, key, { where, create: { label } })
      assert.deepEqual([(await call('x')).created, (await call('y')).created], [true, false])
    },
  },
  {
    id: 'K01',
    name: 'a key of a partitioned table',
    needs: ['partitioned tables'],
    async run(engine) {
      const { integer, text } = engine.sql.types
      const name = engine.uniqueName('partitioned')
      await engine.execute(
        `create table ${name} (a ${integer} not null, b ${text} not null, c ${text}) partition by hash (a)`,
      )
      for (const part of [0, 1])
        await engine.execute(
          `create table ${name}_${part} partition of ${name} for values with (modulus 2, remainder ${part})`,
        )
      const things = table<{ a: number; b: string; c: string | null }>(name, {
        columns: { a: 'a', b: 'b', c: 'c' },
      })
      const key = uniqueKey(things, ['a', 'b'], { name: `${name}_key` })
      assert.deepEqual(
        (await verifyKeys(engine.db, [key])).map(({ kind }) => kind),
        ['missing-index'],
      )
      await createKey(engine, key)
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      for (const a of [1, 2, 3, 4]) {
        const call = (create: { c: string } | (() => { c: string })) =>
          getOrCreate(engine.db, key, { where: { a, b: 'x' }, create })
        assert.deepEqual(
          [(await call({ c: 'first' })).created, (await call(() => ({ c: 'second' }))).created],
          [true, false],
        )
      }
    },
  },
  {
    id: 'K07',
    name: 'however the session is set to read literals',
    needs: ['other literals'],
    async run(engine) {
      const { items, name, rows } = await createItemTable(engine)
      const kinds = ["it's", 'back\\slash', "\\'"] as const
      const key = uniqueKey(items, ['owner', 'kind'], { name: `${name}_key`, condition: { kind: kinds } })
      await createKey(engine, key)
      const { db, execute } = await engine.ownSession()
      for (const setting of engine.sql.otherLiterals) await execute(setting)
      for (const kind of kinds) {
        const call = () => getOrCreate(db, key, { where: { owner: 1, kind }, create: { label: 'x' } })
        assert.deepEqual([(await call()).created, (await call()).created], [true, false])
      }
      assert.deepEqual(await verifyKeys(db, [key]), [])
      // A key made under such a setting is the same key.
      await execute(engine.sql.dropIndex(key.name, name))
      const [missing] = await verifyKeys(db, [key])
      await script(execute, missing?.sql ?? '')
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      assert.deepEqual(
        (await rows()).map(({ kind }) => kind),
        kinds,
      )
    },
  },
  {
    id: 'K02',
    name: 'rows outside the condition are neither found nor in the way',
    async run(engine) {
      const { items, name, insertSql, rows } = await createItemTable(engine)
      const key = uniqueKey(items, ['owner'], {
        name: `${name}_key`,
        condition: { kind: ['a', 'b'], note: 'n' },
      })
      await createKey(engine, key)
      await engine.execute(insertSql({ kind: 'c' }))
      await engine.execute(insertSql({ kind: 'c' }))
      // A condition that is unknown is not met: the note of this one is NULL.
      await engine.execute(insertSql({ kind: 'a' }))
      const call = (label: string) =>
        getOrCreate(engine.db, key, { where: { owner: 1 }, create: { kind: 'b', label } })
      const [made, found] = [await call('x'), await call('y')]
      assert.deepEqual([made.created, made.row.kind, made.row.note], [true, 'b', 'n'])
      assert.deepEqual([found.created, found.row], [false, made.row])
      assert.equal((await rows()).length, 4)
    },
  },
]
