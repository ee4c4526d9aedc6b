import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, keySql, uniqueKey, verifyKeys } from 'onerow'
import type { Key } from 'onerow'
import { fromTypeOrm, typeOrmTable } from 'onerow/typeorm'
import { EntitySchema } from 'typeorm'
import type { DataSource, EntitySchemaOptions } from 'typeorm'
import { typeOrmEngines } from './typeorm-data-sources.ts'

interface Document {
  id: number
  userId: number
  type: string
  deletedAt: Date | null
}

const columns = {
  id: { type: Number, primary: true, generated: 'increment' },
  userId: { type: Number, name: 'user_id' },
  type: { type: String, length: 50, name: 'document_type' },
  deletedAt: { type: Date, name: 'deleted_at', deleteDate: true, nullable: true },
} as const satisfies EntitySchemaOptions<Document>['columns']

type Indices = NonNullable<EntitySchemaOptions<Document>['indices']>
const documentWith = (indices: Indices) =>
  new EntitySchema<Document>({ name: 'Document', tableName: 'document', columns, indices })

const name = 'document_user_type'
const index = { name, unique: true, columns: ['userId', 'type'] }
const where = { userId: 7, type: 'PAN' }

const keyOf = (dataSource: DataSource, condition?: { deletedAt: null }) =>
  uniqueKey(typeOrmTable<Document>(dataSource.getRepository('Document')), ['userId', 'type'], {
    name,
    ...(condition && { condition }),
  })

async function holds(dataSource: DataSource, key: Key): Promise<boolean> {
  return (await verifyKeys(fromTypeOrm(dataSource), [key])).length === 0
}

for (const { name: engine, skip, open } of await typeOrmEngines('typeorm_schema')) {
  test(`on ${engine}, a unique index of the entity is the key's`, { skip }, async () => {
    const dataSource = await open([documentWith([index])], { synchronize: true, dropSchema: true })
    const key = keyOf(dataSource)
    assert.equal(await holds(dataSource, key), true)
    assert.equal((await getOrCreate(fromTypeOrm(dataSource), key, { where })).created, true)
  })

  test(`on ${engine}, its condition too, where the engine has one`, { skip }, async () => {
    const partial = { ...index, where: 'deleted_at is null' }
    const dataSource = await open([documentWith([partial])], { synchronize: true, dropSchema: true })
    const key = keyOf(dataSource, { deletedAt: null })
    // MariaDB has none: TypeORM leaves it out, and the index holds deleted rows too.
    assert.equal(await holds(dataSource, key), engine !== 'MariaDB')
    const call = () => getOrCreate(fromTypeOrm(dataSource), key, { where })
    const { row } = await call()
    await dataSource.getRepository<Document>('Document').softDelete(row.id)
    if (engine === 'MariaDB') await assert.rejects(call(), { kind: 'conflict-elsewhere' })
    else assert.equal((await call()).created, true)
  })

  test(`on ${engine}, TypeORM keeps the key's index if it is told of it`, { skip }, async () => {
    for (const told of [true, false]) {
      const indices = told ? [{ name, synchronize: false as const }] : []
      const dataSource = await open([documentWith(indices)], { synchronize: true, dropSchema: true })
      const key = keyOf(dataSource)
      await dataSource.query(keySql(key, fromTypeOrm(dataSource).dialect).replace(/;$/, ''))
      await dataSource.synchronize()
      assert.equal(await holds(dataSource, key), told)
    }
  })
}
