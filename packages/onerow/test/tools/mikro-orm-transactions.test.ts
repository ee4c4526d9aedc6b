import assert from 'node:assert/strict'
import { RequestContext } from '@mikro-orm/core'
import { getOrCreate, transaction, updateOrCreate } from 'onerow'
import { fromMikroOrm, keyMethods } from 'onerow/mikro-orm'
import { Document, User, onEachEngine } from './mikro-orm-documents.ts'

const create = { file: 'pan.pdf' }
const panCard = { documentType: 'PAN_CARD' } as const

onEachEngine(
  'em.transactional: a rollback removes the row; and no second connection is taken',
  async ({ fork, identityCard, rows }) => {
    const work = fork().transactional(async (em) => {
      const where = { ...panCard, user: em.getReference(User, 7) }
      const { row, created } = await getOrCreate(fromMikroOrm(em), identityCard, { where, create })
      assert.equal(created, true)
      const update = ({ file }: Document) => ({ file: `${file}~` })
      await updateOrCreate(fromMikroOrm(em), identityCard, { where, update, create })
      assert.equal(row.file, 'pan.pdf~')
      assert.equal(await em.count(Document), 1)
      throw new Error('roll back')
    })
    await assert.rejects(work, /roll back/)
    assert.deepEqual(await rows(), [])
  },
  { pool: { max: 1 } },
)

onEachEngine('em.begin, em.commit: the row and what else was flushed', async ({ fork, ...t }) => {
  const em = fork()
  await em.begin()
  const user = em.create(User, { name: 'Bob' })
  await em.flush()
  await getOrCreate(fromMikroOrm(em), t.identityCard, { where: { ...panCard, user }, create })
  await em.commit()
  assert.deepEqual(
    (await t.rows()).map((row) => row.user.id),
    [user.id],
  )
})

onEachEngine(
  'the global manager in a transaction, and the methods of a key, take part in it',
  async ({ em, ...t }) => {
    await RequestContext.create(em, async () => {
      const documents = { getEntityManager: () => em, ...keyMethods(t.identityCard) }
      const where = { ...panCard, user: em.getReference(User, 7) }
      const work = em.transactional(async () => {
        assert.equal((await documents.getOrCreate({ where, create })).created, true)
        assert.equal(fromMikroOrm(em).inTransaction(), true)
        throw new Error('roll back')
      })
      await assert.rejects(work, /roll back/)
      assert.deepEqual(await t.rows(), [])
      const { row } = await documents.updateOrCreate({ where, update: () => ({ file: 'b' }), create })
      const changed = await documents.updateOrCreate({ where, update: () => ({ file: 'b' }), create })
      assert.deepEqual([changed.row, row.file, changed.outcome], [row, 'b', 'updated'])
      await assert.rejects(documents.createUnique({ where, create }), { kind: 'already-exists' })
    })
  },
)

onEachEngine(
  'the global manager stands for that of each request: calls of two requests never leave in one statement',
  async ({ em, ...t }) => {
    const db = fromMikroOrm(em)
    // Of a request whose calls are refused.
    const elsewhere = { schema: 'elsewhere' }
    const ends = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        RequestContext.create(
          em,
          () => {
            const where = { ...panCard, user: em.getReference(User, 7) }
            return getOrCreate(db, t.identityCard, { where, create })
          },
          index % 2 === 0 ? {} : elsewhere,
        ),
      ),
    )
    assert.deepEqual(
      ends.map(({ status }) => status),
      ends.map((_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')),
    )
    assert.equal((await t.rows()).length, 1)
  },
)

onEachEngine(
  "onerow's transaction: its client is the transaction's entity manager",
  async ({ fork, ...t }) => {
    const em = fork()
    const result = await transaction(fromMikroOrm(em), async (tx) => {
      const user = tx.client.create(User, { name: 'Bob' })
      await tx.client.flush()
      // A transaction of MikroORM's in it is a savepoint.
      await tx.client.transactional(async (nested) => nested.create(User, { name: 'Eve' }))
      tx.client.create(User, { name: 'flushed at the end' })
      return getOrCreate(tx, t.identityCard, { where: { ...panCard, user }, create })
    })
    assert.deepEqual([result.created, (await t.rows()).map(({ id }) => id)], [true, [result.row.id]])
    assert.equal(await fork().count(User), 4)
    // As after em.transactional, the outer manager has what was loaded.
    assert.equal(await em.findOne(Document, result.row.id), result.row)
  },
)

onEachEngine(
  "a call's own transaction does not flush what the caller has not flushed",
  async ({ fork, ...t }) => {
    const em = fork()
    const pending = em.create(User, { name: 'pending' })
    const where = { ...panCard, user: em.getReference(User, 7) }
    const call = () =>
      updateOrCreate(fromMikroOrm(em), t.identityCard, { where, update: () => ({ file: 'b' }), create })
    assert.equal((await call()).created, true)
    assert.equal((await call()).outcome, 'updated')
    assert.equal(await fork().count(User), 1)
    await em.flush()
    assert.deepEqual([await fork().count(User), typeof pending.id], [2, 'number'])
  },
)

onEachEngine(
  'a lost race in a transaction: the winner is found, and no other write is lost',
  async (t, context) => {
    if (t.dialect.name === 'sqlite') return context.skip('SQLite has one writer, who nobody comes between')
    const rival = t.fork()
    const where = { ...panCard, user: rival.getReference(User, 7) }
    await rival.begin()
    const won = await getOrCreate(fromMikroOrm(rival), t.identityCard, {
      where,
      create: { file: 'rival.pdf' },
    })

    const lost = t.fork().transactional(
      async (em) => {
        em.create(User, { name: 'before' })
        await em.flush()
        const result = await getOrCreate(fromMikroOrm(em), t.identityCard, { where, create })
        em.create(User, { name: 'after' })
        return result
      },
      // The names of MikroORM's enumeration.
      { isolationLevel: 'read committed' },
    )
    // The race has happened when the loser waits for the rival to end. One that has ended has failed, as is seen below.
    const ended = lost.then(
      () => true,
      () => true,
    )
    while (!(await Promise.race([ended, isBlocked(t)])));
    await rival.commit()
    const { row, created } = await lost
    assert.deepEqual([created, row.id, row.file], [false, won.row.id, 'rival.pdf'])
    assert.deepEqual((await t.fork().findAll(User)).map(({ name }) => name).toSorted(), [
      'Ada',
      'after',
      'before',
    ])
  },
)

type Documents = Parameters<Parameters<typeof onEachEngine>[1]>[0]

/** In the database of this test: others share its server. On MariaDB an insert that has begun can only wait for the rival. */
async function isBlocked({ dialect, fork }: Documents): Promise<boolean> {
  const text =
    dialect.name === 'postgres'
      ? 'select count(*) as count from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0'
      : `select count(*) as count from information_schema.processlist where db = database() and info like 'insert%document%'`
  const [row] = await fork().execute<{ count: unknown }[]>(text)
  return Number(row?.count) > 0
}

onEachEngine(
  'told to disableTransactions, a call that needs one is refused',
  async ({ fork, identityCard, rows }) => {
    const em = fork().fork({ disableTransactions: true })
    const where = { ...panCard, user: em.getReference(User, 7) }
    await getOrCreate(fromMikroOrm(em), identityCard, { where, create })
    await assert.rejects(
      updateOrCreate(fromMikroOrm(em), identityCard, { where, update: () => ({ file: 'b' }), create }),
      /disableTransactions/,
    )
    assert.equal((await rows())[0]?.file, 'pan.pdf')
  },
)
