// In memory SQLite is one connection for all that a Sequelize does, so a transaction's end is everybody's business.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { getOrCreate, transaction, uniqueKey } from 'onerow'
import { fromSequelize, sequelizeTable } from 'onerow/sequelize'
import { DataTypes, Sequelize } from 'sequelize'
import type { Transaction } from 'sequelize'
import { sqlite3Module } from '../conformance/sqlite3-module.ts'

const sequelize = new Sequelize({ dialect: 'sqlite', dialectModule: sqlite3Module(), logging: false })
after(() => sequelize.close())
const Tag = sequelize.define('tag', { word: DataTypes.STRING }, { timestamps: false })
const byWord = uniqueKey(sequelizeTable(Tag), ['word'], { name: 'tag_word' })
const db = fromSequelize(sequelize)

async function start(): Promise<void> {
  await sequelize.query('drop table if exists tags')
  await sequelize.query(`
    create table tags (id integer primary key,
      word text constraint tag_word unique,
      parent integer references tags (id) deferrable initially deferred)`)
}

async function words(): Promise<unknown> {
  return (await Tag.findAll({ order: ['id'] })).map((tag) => tag.get('word'))
}

test('a transaction that is begun before a failing afterCommit hook stays open', async () => {
  await start()
  let other: Transaction | undefined
  const failed = transaction(db, async (tx) => {
    tx.client.afterCommit(async () => {
      other = await sequelize.transaction()
      await Tag.create({ word: 'other' }, { transaction: other })
      throw new Error('hook')
    })
    await getOrCreate(tx, byWord, { where: { word: 'ours' } })
  })
  await assert.rejects(failed, { message: 'hook' })
  await (other ?? assert.fail('the hook was not called')).commit()
  assert.deepEqual(await words(), ['ours', 'other'])
})

test('a transaction whose COMMIT is refused does not stay open', async () => {
  await start()
  const refused = transaction(db, async (tx) => {
    await getOrCreate(tx, byWord, { where: { word: 'orphan' } })
    await sequelize.query('update tags set parent = 7', { transaction: tx.client })
  })
  await assert.rejects(refused, { name: 'SequelizeForeignKeyConstraintError' })
  await transaction(db, (tx) => getOrCreate(tx, byWord, { where: { word: 'next' } }))
  assert.deepEqual(await words(), ['next'])
})
