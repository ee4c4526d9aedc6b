import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, keySql, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { fromSequelize, keyMethods, sequelizeTable } from 'onerow/sequelize'
import { DataTypes } from 'sequelize'
import { defineDocument } from './sequelize-document.ts'
import { sequelizeEngines } from './sequelize-engines.ts'
import type { SequelizeEngine } from './sequelize-engines.ts'

const engines = await sequelizeEngines('sequelize_table')

async function start({ open, options }: SequelizeEngine) {
  const sequelize = open()
  const { Document, identityCard } = defineDocument(sequelize)
  await Document.sync({ force: true })
  const db = fromSequelize(sequelize, options)
  await sequelize.query(keySql(identityCard, db.dialect))
  return { sequelize, db, Document, identityCard }
}

const where = { userId: 7, documentType: 'PAN_CARD' } as const
const create = { file: 'pan.pdf' }

for (const engine of engines) {
  const { name, skip } = engine

  test(`on ${name}, a row is the instance that findOne gives`, { skip }, async () => {
    const { db, Document, identityCard } = await start(engine)
    const made = await getOrCreate(db, identityCard, { where, create })
    const found = await getOrCreate(db, identityCard, { where, create: () => assert.fail('called') })
    const own = (await Document.findOne({ where })) ?? assert.fail()
    assert.deepEqual([made.created, found.created], [true, false])
    for (const { row } of [made, found]) {
      assert.ok(row instanceof Document)
      assert.deepEqual(row.get({ plain: true }), own.get({ plain: true }))
      assert.deepEqual([row.isNewRecord, row.changed(), row.title], [false, false, 'PAN_CARD of 7'])
    }
    await found.row.update({ file: 'other.pdf' })
    assert.equal(await Document.count(), 1)
    assert.equal((await made.row.reload()).file, 'other.pdf')
  })

  test(`on ${name}, Sequelize's default values and timestamps are given to a new row`, { skip }, async () => {
    const { db, identityCard } = await start(engine)
    const before = Date.now()
    const { row } = await getOrCreate(db, identityCard, { where, create })
    assert.match(row.reference, /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    assert.deepEqual([row.state, row.note, row.deletedAt], ['new', null, null])
    for (const { valueOf } of [row.createdAt, row.updatedAt].map((date) => ({ valueOf: Number(date) })))
      assert.ok(valueOf >= before && valueOf <= Date.now(), String(valueOf))
    const given = { ...create, state: 'old', createdAt: new Date(0) }
    const other = await getOrCreate(db, identityCard, { where: { ...where, userId: 8 }, create: given })
    assert.deepEqual([other.row.state, other.row.createdAt], ['old', new Date(0)])
  })

  test(
    `on ${name}, an update that changes something sets updatedAt, and no other does`,
    { skip },
    async () => {
      const { db, identityCard } = await start(engine)
      const long = { ...create, updatedAt: new Date(0) }
      await getOrCreate(db, identityCard, { where, create: long })
      const update = (file: string) => updateOrCreate(db, identityCard, { where, update: { file } })
      const [same, other] = [await update('pan.pdf'), await update('pan-2.pdf')]
      assert.deepEqual([same.outcome, same.row.updatedAt], ['unchanged', new Date(0)])
      assert.deepEqual([other.outcome, other.row.file], ['updated', 'pan-2.pdf'])
      assert.ok(Number(other.row.updatedAt) > 0)
    },
  )

  test(`on ${name}, a document that destroy has removed frees the key`, { skip }, async () => {
    const { db, Document, identityCard } = await start(engine)
    const first = await getOrCreate(db, identityCard, { where, create })
    await first.row.destroy()
    const second = await getOrCreate(db, identityCard, { where, create })
    assert.equal(second.created, true)
    assert.notEqual(second.row.id, first.row.id)
    assert.deepEqual([await Document.count(), await Document.count({ paranoid: false })], [1, 2])
    assert.deepEqual(await verifyKeys(db, [identityCard]), [])
  })

  test(`on ${name}, a key's methods are called as Sequelize's own`, { skip }, async () => {
    const { sequelize, Document, identityCard } = await start(engine)
    const identityCards = keyMethods(identityCard, engine.options)
    const failed = sequelize.transaction(async (transaction) => {
      const { created } = await identityCards.getOrCreate({ where, create, transaction })
      assert.equal(created, true)
      const { row } = await identityCards.updateOrCreate({
        where,
        update: { note: 'seen' },
        create,
        transaction,
      })
      assert.equal(row.note, 'seen')
      throw new Error('roll back')
    })
    await assert.rejects(failed, { message: 'roll back' })
    assert.equal(await Document.count(), 0)

    const made = await identityCards.createUnique({ where, create })
    await assert.rejects(identityCards.createUnique({ where, create }), {
      kind: 'already-exists',
      message: 'This user already has a document of this type.',
    })
    const longer = ({ file }: { readonly file: string }) => ({ file: `${file}!` })
    await Promise.all([1, 2, 3].map(() => identityCards.updateOrCreate({ where, update: longer, create })))
    assert.equal((await made.reload()).file, 'pan.pdf!!!')
  })

  test(`on ${name}, a table in a schema of Sequelize's`, { skip }, async () => {
    const sequelize = engine.open()
    const Tag = sequelize.define('tag', { word: DataTypes.STRING(50) }, { schema: 'onerow_other' })
    if (!name.startsWith('MariaDB by'))
      await sequelize.createSchema('onerow_other', {}).catch(() => undefined)
    await Tag.sync({ force: true })
    const key = uniqueKey(sequelizeTable(Tag), ['word'], { name: 'tag_word' })
    const db = fromSequelize(sequelize, engine.options)
    await sequelize.query(keySql(key, db.dialect))
    const { row } = await getOrCreate(db, key, { where: { word: 'a' } })
    assert.deepEqual((await Tag.findOne())?.get(), row.get())
    await Tag.drop()
  })
}

test('a key that does not follow a renamed attribute fails at once', () => {
  const sequelize = engines[0]?.open() ?? assert.fail()
  const Renamed = sequelize.define('renamed', { handle: DataTypes.STRING })
  assert.throws(() => uniqueKey(sequelizeTable(Renamed), ['name'], { name: 'renamed_name' }), {
    name: 'TypeError',
    message: /"name" is not a column of the table, which has id, handle, createdAt, updatedAt/,
  })
})

test('a table needs an initialised model, and its methods a table of a model', async () => {
  const { Model } = await import('sequelize')
  class Early extends Model {}
  assert.throws(() => sequelizeTable(Early), /Initialise the model Early/)
  const { table } = await import('onerow')
  const plain = uniqueKey(table<{ id: number }>('t', { columns: { id: 'id' } }), ['id'], { name: 't_id' })
  assert.throws(() => keyMethods(plain), /not one of sequelizeTable/)
})
