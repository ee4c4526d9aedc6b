import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, table, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { fromMikroOrm } from 'onerow/mikro-orm'
import { fromSequelize } from 'onerow/sequelize'
import { Sequelize } from 'sequelize'

// Tools whose pools join the transaction that a call is made in. There a failure would cost the caller that transaction, so a call must
// not send what it sends outside, where the next statement may follow one that has failed.

interface Account {
  readonly id: number
  readonly email: string
}

const accounts = table<Account, Omit<Account, 'id'>>('account', { columns: { id: 'id', email: 'email' } })
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })

/** A tool's pool, and how a transaction of the tool's own is opened for what is called in it. */
interface Tool {
  readonly db: Database
  readonly run: (sql: string) => Promise<unknown>
  readonly inTransaction: (work: () => Promise<void>) => Promise<void>
  readonly close: () => Promise<void>
}

const tools: Readonly<Record<string, (url: string) => Promise<Tool>>> = {
  async MikroORM(url) {
    const Other = defineEntity({ name: 'Other', properties: { id: p.integer().primary() } })
    const orm = await MikroORM.init({ entities: [Other], clientUrl: url })
    const em = orm.em.fork({ useContext: true })
    return {
      db: fromMikroOrm(em),
      run: (sql) => em.execute(sql),
      inTransaction: (work) => em.transactional(work),
      close: () => orm.close(),
    }
  },
  async 'Sequelize with CLS'(url) {
    const storage = new AsyncLocalStorage<Map<string, unknown>>()
    Sequelize.useCLS({
      get: (key: string) => storage.getStore()?.get(key),
      set: (key: string, value: unknown) => void storage.getStore()?.set(key, value),
      run: (work: (context: unknown) => unknown) => storage.run(new Map(), () => work(storage.getStore())),
      bind: <Work>(work: Work) => work,
    })
    const sequelize = new Sequelize(url, { logging: false })
    return {
      db: fromSequelize(sequelize),
      run: (sql) => sequelize.query(sql),
      inTransaction: (work) => sequelize.transaction(work),
      async close() {
        // There is no call that takes a namespace away.
        Reflect.deleteProperty(Sequelize, '_cls')
        await sequelize.close()
      },
    }
  },
}

for (const [name, open] of Object.entries(tools))
  test(`${name}: after many hits, the index is renamed: a transaction that a call joins does not notice`, async () => {
    await using database = await testDatabase({ name: 'many_hits_in_tools' })
    const tool = await open(database.url)
    const call = (email: string) => getOrCreate(tool.db, byEmail, { where: { email } })
    try {
      await tool.run('create table account (id serial primary key, email text not null)')
      await tool.run('create unique index account_email on account (email)')
      await call('a')
      for (let n = 0; n < 130; n++) assert.equal((await call('a')).created, false)
      await tool.run('alter index account_email rename to other_name')
      await tool.inTransaction(async () => {
        assert.equal(await tool.db.inTransaction(), true)
        const ends = [await call('b'), await call('a'), await call('b')]
        assert.deepEqual(
          ends.map(({ created }) => created),
          [true, false, false],
        )
      })
      assert.equal((await call('b')).created, false)
    } finally {
      await tool.close()
    }
  })
