import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, keySql, uniqueKey, updateOrCreate } from 'onerow'
import { fromSequelize, sequelizeTable } from 'onerow/sequelize'
import { DataTypes, literal } from 'sequelize'
import type { AbstractDataTypeConstructor, ModelAttributes } from 'sequelize'
import { sequelizeEngines } from './sequelize-engines.ts'
import type { SequelizeEngine } from './sequelize-engines.ts'

const engines = await sequelizeEngines('sequelize_values')

interface Sample {
  readonly type: ModelAttributes[string] & (AbstractDataTypeConstructor | object)
  readonly value: unknown
  readonly other: unknown
}

const samples: Readonly<Record<string, Sample>> = {
  bigint: { type: DataTypes.BIGINT, value: '9007199254740993', other: '-1' },
  decimal: { type: DataTypes.DECIMAL(22, 2), value: '1234567.25', other: '0.10' },
  double: { type: DataTypes.DOUBLE, value: 0.1, other: -1e300 },
  float: { type: DataTypes.FLOAT, value: 1.1, other: -0.25 },
  boolean: { type: DataTypes.BOOLEAN, value: true, other: false },
  choice: { type: DataTypes.ENUM('a', "b's"), value: "b's", other: 'a' },
  text: { type: DataTypes.TEXT, value: `it's "quoted" \\ $1 :a ? %s 🦊`, other: '' },
  uuid: {
    type: DataTypes.UUID,
    value: '0b7c8e1e-3f5c-4c0e-9d3a-0f6a2f1f7d11',
    other: '00000000-0000-4000-8000-000000000000',
  },
  date: { type: DataTypes.DATE(3), value: new Date('2026-02-28T23:59:59.123Z'), other: new Date(86_400_000) },
  day: { type: DataTypes.DATEONLY, value: '2026-02-28', other: '1970-01-02' },
  time: { type: DataTypes.TIME, value: '23:59:58', other: '00:00:00' },
  bytes: { type: DataTypes.BLOB, value: Buffer.from([0, 1, 255]), other: Buffer.from([]) },
  json: { type: DataTypes.JSON, value: { b: 1, a: [null, 'x $1'] }, other: [] },
}

/** The driver sqlite3 gives every whole number as a double. */
const onSqliteOnly: Readonly<Record<string, Sample>> = {
  bigint: { type: DataTypes.BIGINT, value: 9007199254740991, other: -1 },
}

const onPostgresOnly: Readonly<Record<string, Sample>> = {
  jsonb: { type: DataTypes.JSONB, value: { b: 1, a: [null, 'x'] }, other: {} },
  list: { type: DataTypes.ARRAY(DataTypes.TEXT), value: ['a', 'b "c"', "$1 d's"], other: [] },
  dates: { type: DataTypes.ARRAY(DataTypes.DATE), value: [new Date(0)], other: [] },
  range: { type: DataTypes.RANGE(DataTypes.INTEGER), value: [1, 5], other: [7, 9] },
  address: { type: DataTypes.INET, value: '10.0.0.1', other: '::1' },
}

/** Of 32 bits with two decimals, with decimals that Sequelize leaves out, and of 64 bits. */
const onMariadbOnly: Readonly<Record<string, Sample>> = {
  scaled: { type: DataTypes.FLOAT(10, 2), value: 16777.12, other: 0.1 },
  loose: { type: DataTypes.FLOAT({ decimals: 1 }), value: 1.23, other: 0.5 },
  long: { type: DataTypes.FLOAT(53), value: 0.1234567890123, other: 1.1 },
}

async function start({ name, open, options }: SequelizeEngine) {
  const sequelize = open()
  const all = {
    ...samples,
    ...(name === 'PostgreSQL' && onPostgresOnly),
    ...(name === 'SQLite' && onSqliteOnly),
    ...(name.startsWith('MariaDB') && onMariadbOnly),
  }
  const attributes = Object.entries(all).map(([property, { type }]) => [
    property,
    { type, field: `the_${property}` },
  ])
  const Thing = sequelize.define('thing', {
    code: { type: DataTypes.STRING(50), allowNull: false },
    made: { type: DataTypes.DATE, defaultValue: literal('current_timestamp') },
    shown: { type: DataTypes.VIRTUAL, get: () => 'shown' },
    ...Object.fromEntries(attributes),
  })
  await Thing.sync({ force: true })
  const key = uniqueKey(sequelizeTable(Thing), ['code'], { name: 'thing_code' })
  const db = fromSequelize(sequelize, options)
  await sequelize.query(keySql(key, db.dialect))
  const valuesOf = (which: 'value' | 'other') =>
    Object.fromEntries(Object.entries(all).map(([property, sample]) => [property, sample[which]]))
  const stored = async (code: string) => {
    const found = (await Thing.findOne({ where: { code } })) ?? assert.fail()
    const { id: _, code: __, made: ___, createdAt: ____, updatedAt: _____, ...values } = found.get()
    return values
  }
  return { sequelize, db, Thing, key, valuesOf, stored }
}

for (const engine of engines) {
  const { name, skip } = engine

  test(`on ${name}, each type is stored and given as Sequelize itself does it`, { skip }, async () => {
    const { db, Thing, key, valuesOf, stored } = await start(engine)
    await Thing.create({ code: 'own', ...valuesOf('value') })
    const made = await getOrCreate(db, key, { where: { code: 'ours' }, create: valuesOf('value') })
    assert.deepEqual(await stored('ours'), await stored('own'))
    assert.deepEqual(made.row.get(), (await Thing.findOne({ where: { code: 'ours' } }))?.get())
    assert.equal(made.row.get('shown'), 'shown')
    assert.equal(made.row.changed(), false)

    await Thing.update(valuesOf('other'), { where: { code: 'own' } })
    const update = (which: 'value' | 'other') =>
      updateOrCreate(db, key, { where: { code: 'ours' }, update: valuesOf(which) })
    assert.equal((await update('value')).outcome, 'unchanged')
    const changed = await update('other')
    assert.equal(changed.outcome, 'updated')
    assert.deepEqual(await stored('ours'), await stored('own'))
    assert.deepEqual(changed.row.get(), (await Thing.findOne({ where: { code: 'ours' } }))?.get())
  })

  test(`on ${name}, each type can be looked up`, { skip }, async () => {
    const { sequelize, db, Thing, valuesOf } = await start(engine)
    const floats = name.startsWith('MariaDB') ? ['float', 'scaled', 'loose', 'long'] : ['float']
    for (const property of ['bigint', 'decimal', ...floats, 'boolean', 'choice', 'uuid', 'date', 'day']) {
      const key = uniqueKey(sequelizeTable(Thing), [property], { name: `thing_${property}` })
      await sequelize.query(keySql(key, db.dialect))
      for (const which of ['value', 'other'] as const) {
        const where = { [property]: valuesOf(which)[property] }
        const call = () => getOrCreate(db, key, { where, create: { code: which } })
        const [first, second] = [await call(), await call()]
        assert.deepEqual([first.created, second.created, second.row.get()], [true, false, first.row.get()])
      }
      assert.equal(await Thing.count(), 2)
      await Thing.destroy({ truncate: true })
    }
  })

  test(`on ${name}, null in every column is null`, { skip }, async () => {
    const { db, Thing, key, valuesOf } = await start(engine)
    const nothing = Object.fromEntries(Object.keys(valuesOf('value')).map((property) => [property, null]))
    const { row } = await getOrCreate(db, key, { where: { code: 'none' }, create: nothing })
    assert.deepEqual(row.get(), (await Thing.findOne())?.get())
    assert.equal(row.get('json'), null)
  })
}

test('a value that Sequelize writes as SQL is refused', async () => {
  const sequelize = engines[0]?.open() ?? assert.fail()
  const Place = sequelize.define('place', { code: DataTypes.STRING, at: DataTypes.GEOMETRY })
  const key = uniqueKey(sequelizeTable(Place), ['code'], { name: 'place_code' })
  const at = { type: 'Point', coordinates: [1, 2] }
  await assert.rejects(getOrCreate(fromSequelize(sequelize), key, { where: { code: 'a' }, create: { at } }), {
    name: 'TypeError',
    message:
      'onerow cannot store "at": Sequelize writes a value of its type as SQL, "ST_GeomFromGeoJSON(?)".',
  })
})
