import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { getOrCreate, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromKnex, knexTable } from 'onerow/knex'

const database = await testMariadb({ name: 'knex_mysql' })
if (database) after(() => database.drop())
const skip = database ? false : `MariaDB is not installed: ${installCommand.mariadb}`

interface Thing {
  readonly id: number
  readonly name: string
  readonly price: string
  readonly seenAt: Date
  readonly flag: boolean
  readonly note: string | null
}

/** The driver's own mapping of a type, of which Knex knows nothing. */
const typeCast: NonNullable<Knex.MySql2ConnectionConfig['typeCast']> = (
  field: { type: string; length: number; string: () => string | null },
  next: () => unknown,
) => (field.type === 'TINY' && field.length === 1 ? field.string() === '1' : next())

for (const client of ['mysql2', 'mariadb'] as const) {
  const open = () => {
    if (!database) assert.fail()
    const { host, port, user, password, database: name } = database
    return createKnex({
      client,
      connection: { host, port, user, password, database: name, ...(client === 'mysql2' && { typeCast }) },
      pool: { min: 0, max: 1 },
      acquireConnectionTimeout: 20_000,
    })
  }

  const openThings = async (t: { after: (end: () => Promise<void>) => void }) => {
    const knex = open()
    t.after(() => knex.destroy())
    await knex.schema.dropTableIfExists('thing')
    await knex.schema.createTable('thing', (thing) => {
      thing.increments('id')
      thing.string('name').notNullable()
      thing.decimal('price', 20, 2).notNullable()
      thing.datetime('seenAt', { precision: 3 }).notNullable()
      thing.boolean('flag').notNullable().defaultTo(true)
      thing.string('note')
    })
    const things = knexTable<Thing, Omit<Thing, 'id' | 'flag'>>(knex, 'thing', {
      columns: { id: true, name: true, price: true, seenAt: true, flag: true, note: true },
    })
    const byName = uniqueKey(things, ['name'], { name: 'thing_name', condition: { note: null } })
    const db = fromKnex(knex, { server: 'mariadb' })
    // It is several statements here.
    for (const text of keySql(byName, db.dialect).split(/;$/m))
      if (text.trim()) await db.execute({ text, values: [] })
    return { knex, db, byName }
  }

  const create = { price: '12345678901234567.89', seenAt: new Date('2026-02-28T23:59:59.123Z') }

  test(`${client}: a row is what the same Knex selects`, { skip }, async (t) => {
    const { knex, db, byName } = await openThings(t)
    const made = await getOrCreate(db, byName, { where: { name: 'a' }, create })
    assert.deepEqual(made, { created: true, row: await knex('thing').select(Object.keys(made.row)).first() })
    assert.deepEqual(
      [made.row.price, made.row.seenAt, made.row.flag],
      [create.price, create.seenAt, client === 'mysql2' ? true : 1],
    )
    const updated = await updateOrCreate(db, byName, {
      where: { name: 'a' },
      update: ({ price }) => ({ price: price.replace('1', '2') }),
      create,
    })
    assert.deepEqual([updated.outcome, updated.row.price], ['updated', '22345678901234567.89'])
  })

  test(
    `${client}: values are bound, also where a backslash is a character like any other`,
    { skip },
    async (t) => {
      const { knex, db, byName } = await openThings(t)
      await knex.raw(`set session sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'`)
      const hostile = `\\', 0, now()); -- `
      // Knex has mysql2 write its values into the SQL, and that escapes for the other mode: the literal ends early.
      await knex('thing').insert({ name: hostile, ...create })
      const injected = await knex('thing').where({ price: 0 }).pluck('name')
      assert.deepEqual(injected, client === 'mysql2' ? ['\\\\\\'] : [])
      await knex('thing').delete()
      for (const name of [hostile, `"'\\`, '?', ':name', '${name}', 'nul \0', 'later \u001a']) {
        const { row } = await getOrCreate(db, byName, { where: { name }, create })
        assert.equal(row.name, name)
        assert.deepEqual(
          await knex('thing')
            .whereRaw('hex(name) = ?', [hex(name)])
            .pluck('id'),
          [row.id],
        )
      }
    },
  )

  test(
    `${client}: a transaction of onerow's, at the level asked for, on one connection`,
    { skip },
    async (t) => {
      const { db, byName } = await openThings(t)
      // Nothing shows a running transaction's level; but only below REPEATABLE READ does it see what others commit meanwhile.
      const other = open()
      t.after(() => other.destroy())
      for (const [isolation, seen] of [
        ['read committed', 1],
        ['repeatable read', 0],
      ] as const) {
        const name = isolation
        await transaction(
          db,
          async (tx) => {
            await tx.client('thing').where({ name }).first()
            await other('thing').insert({ name, ...create })
            assert.equal((await tx.client('thing').where({ name })).length, seen, isolation)
            const { created } = await getOrCreate(tx, byName, { where: { name }, create })
            assert.equal(created, false)
          },
          { isolation },
        )
      }
    },
  )

  test(
    `${client}: in a transaction of the caller, a rollback takes the created row with it`,
    { skip },
    async (t) => {
      const { knex, byName } = await openThings(t)
      const trx = await knex.transaction()
      const { created } = await getOrCreate(fromKnex(trx, { server: 'mysql' }), byName, {
        where: { name: 'undone' },
        create: () => create,
      })
      await trx.rollback()
      assert.deepEqual([created, await knex('thing').where({ name: 'undone' })], [true, []])
    },
  )
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase()
}
