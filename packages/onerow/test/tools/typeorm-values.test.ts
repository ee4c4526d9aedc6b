import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, keySql, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { fromTypeOrm, typeOrmTable } from 'onerow/typeorm'
import { EntitySchema } from 'typeorm'
import type { ColumnType } from 'typeorm'
import { typeOrmEngines } from './typeorm-data-sources.ts'
import type { TypeOrmEngine } from './typeorm-data-sources.ts'

class Money {
  readonly cents: number
  constructor(cents: number) {
    this.cents = cents
  }
}

class Thing {
  declare readonly id: number
  declare readonly slug: string
  declare readonly count: string
  declare readonly price: string
  declare readonly ratio: number
  declare readonly bornOn: string
  declare readonly seenAt: Date
  declare readonly data: { readonly a: readonly (number | null)[]; readonly it: string }
  declare readonly tags: readonly string[]
  declare readonly bytes: Buffer
  declare readonly isPublic: boolean
  declare readonly mood: 'happy' | 'sad'
  declare readonly cost: Money
  /** What is NULL in the database, too, goes through the transformer. */
  declare readonly budget: Money
  declare readonly note: string | null
  declare readonly deletedAt: Date | null
}

const money = (nullable: boolean) => ({
  type: 'integer' as const,
  nullable,
  transformer: {
    to: (value?: Money) => value?.cents,
    from: (cents: number | null) => new Money(cents ?? 0),
  },
})

const types: Readonly<
  Record<TypeOrmEngine['name'], { bytes: ColumnType; json: ColumnType; at: ColumnType }>
> = {
  PostgreSQL: { bytes: 'bytea', json: 'jsonb', at: 'timestamptz' },
  SQLite: { bytes: 'blob', json: 'simple-json', at: 'datetime' },
  MariaDB: { bytes: 'blob', json: 'json', at: 'datetime' },
}

function thingSchema({ name }: TypeOrmEngine) {
  const { bytes, json, at } = types[name]
  return new EntitySchema<Thing>({
    name: 'Thing',
    target: Thing,
    tableName: 'the_thing',
    columns: {
      id: { type: Number, primary: true, generated: 'increment' },
      slug: { type: String, name: 'the_slug' },
      count: { type: 'bigint' },
      price: { type: 'decimal', precision: 22, scale: 2 },
      ratio: { type: 'float' },
      bornOn: { type: 'date', name: 'born_on' },
      seenAt: { type: at, name: 'seen_at', precision: 3 },
      data: { type: json },
      tags: { type: 'simple-array' },
      bytes: { type: bytes },
      isPublic: { type: Boolean, name: 'is_public' },
      mood: { type: 'simple-enum', enum: ['happy', 'sad'] },
      cost: money(false),
      budget: money(true),
      note: { type: 'text', nullable: true },
      deletedAt: { type: at, name: 'deleted_at', precision: 3, deleteDate: true, nullable: true },
    },
  })
}

const values = {
  count: '12',
  price: '12.34',
  ratio: 0.1,
  bornOn: '2026-02-28',
  seenAt: new Date('2026-02-28T23:59:59.123Z'),
  data: { a: [1, null], it: `it's "quoted" \\ $1 ?1 ? :name` },
  tags: ['a', `b's`],
  bytes: Buffer.from([0, 1, 255]),
  mood: 'happy',
  cost: new Money(1234),
  note: null,
} as const satisfies Partial<Thing>

for (const engine of await typeOrmEngines('typeorm_values'))
  test(`on ${engine.name}, a row is the entity that TypeORM finds`, { skip: engine.skip }, async () => {
    const dataSource = await engine.open([thingSchema(engine)], { synchronize: true })
    const db = fromTypeOrm(dataSource)
    const repository = dataSource.getRepository(Thing)
    const bySlug = uniqueKey(typeOrmTable(repository), ['slug'], {
      name: 'thing_slug',
      condition: { isPublic: true, deletedAt: null },
    })
    for (const statement of keySql(bySlug, db.dialect).split(/;$/m))
      if (statement.trim()) await dataSource.query(statement)
    assert.deepEqual(await verifyKeys(db, [bySlug]), [])
    const where = { slug: 'first' }

    const made = await getOrCreate(db, bySlug, { where, create: values })
    assert.ok(made.created && made.row instanceof Thing)
    const find = () => repository.findOneByOrFail({ id: made.row.id })
    assert.deepEqual(made.row, await find())
    assert.deepEqual((await getOrCreate(db, bySlug, { where, create: () => values })).row, made.row)

    // What TypeORM itself stores is found to be the same.
    const { id } = await repository.save(repository.create({ ...values, slug: 'own', isPublic: true }))
    const own = await repository.findOneByOrFail({ id })
    assert.deepEqual(Object.assign(await find(), { id, slug: 'own' }), own)
    assert.deepEqual([own.isPublic, own.cost, own.budget], [true, values.cost, new Money(0)])

    const update = { ratio: 16777217, tags: ['c'], cost: new Money(5), data: { a: [], it: '' } }
    const updated = await updateOrCreate(db, bySlug, { where, update, create: values })
    assert.equal(updated.outcome, 'updated')
    assert.deepEqual(updated.row, await find())
    assert.equal((await updateOrCreate(db, bySlug, { where, update, create: values })).outcome, 'unchanged')
    const added = await updateOrCreate(db, bySlug, {
      where,
      update: (current) => {
        assert.ok(current instanceof Thing)
        return { cost: new Money(current.cost.cents + 1) }
      },
      create: values,
    })
    assert.deepEqual(added.row.cost, new Money(6))

    // An entity that TypeORM knows to be stored: to save it is an update.
    await repository.save(Object.assign(added.row, { note: 'saved' }))
    assert.deepEqual([await repository.count(), (await find()).note], [2, 'saved'])

    await repository.softRemove(await find())
    const next = await getOrCreate(db, bySlug, { where, create: values })
    assert.ok(next.created && next.row.id !== made.row.id)
  })
