import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type, defineEntity, p, wrap } from '@mikro-orm/postgresql'
import { getOrCreate, keySql, uniqueKey } from 'onerow'
import type { Table } from 'onerow'
import { fromMikroOrm, mikroOrmTable } from 'onerow/mikro-orm'
import { openPostgres } from './mikro-orm-postgres.ts'

class Marked extends Type<string, string> {
  override convertToDatabaseValue(value: string) {
    return `db:${value}`
  }
  override convertToJSValue(value: string) {
    return value.replace('db:', '')
  }
}

test('a custom type, also in the key and its condition; an embeddable in columns of its own', async () => {
  const Place = defineEntity({ embeddable: true, name: 'Place', properties: { street: p.string() } })
  const Word = defineEntity({
    name: 'Word',
    properties: {
      id: p.integer().primary(),
      text: p.type(Marked).columnType('text'),
      kind: p.type(Marked).columnType('text'),
      place: () => p.embedded(Place).nullable(),
    },
  })
  await using t = await openPostgres([Word, Place])
  const table = mikroOrmTable(t.orm.em.getRepository(Word))
  const key = uniqueKey(table, ['text'], { name: 'word_text', condition: { kind: 'noun' } })
  const db = fromMikroOrm(t.fork())
  await db.client.execute(keySql(key, db.dialect))
  const { row } = await getOrCreate(db, key, { where: { text: 'abc' } })
  assert.deepEqual([row.text, row.kind, row.place], ['abc', 'noun', null])
  const [stored] = await db.client.execute('update word set place_street = ? returning text, kind', ['Main'])
  assert.deepEqual(stored, { text: 'db:abc', kind: 'db:noun' })
  const found = await getOrCreate(db, key, { where: { text: 'abc' } })
  assert.deepEqual([found.row, found.row.place?.street], [row, 'Main'])
})

test('an embeddable in one JSON column: each property is stored as its type says', async () => {
  const Part = defineEntity({
    embeddable: true,
    name: 'Part',
    properties: {
      secret: p.type(Marked),
      size: p.bigint(),
      day: p.date(),
      at: p.datetime(3),
      tags: p.array(),
      extra: p.json<{ readonly a: number }>(),
      missing: p.string().nullable(),
    },
  })
  const Whole = defineEntity({
    embeddable: true,
    name: 'Whole',
    properties: {
      secret: p.type(Marked),
      inside: () => p.embedded(Part).object(),
      parts: () => p.embedded(Part).array(),
    },
  })
  const Box = defineEntity({
    name: 'Box',
    properties: {
      id: p.integer().primary(),
      name: p.string().unique('box_name'),
      whole: () => p.embedded(Whole).object(),
    },
  })
  await using t = await openPostgres([Box, Whole, Part])
  const key = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Box)), ['name'], { name: 'box_name' })
  const part = {
    secret: 'b',
    size: 9007199254740993n,
    day: '2026-02-28',
    at: new Date(1),
    tags: ['x', 'y z'],
    extra: { a: 1 },
    missing: null,
  }
  const whole = { secret: 'a', inside: part, parts: [part] }
  const em = t.fork()
  em.create(Box, { name: 'own', whole })
  await em.flush()
  const { row } = await getOrCreate(fromMikroOrm(em), key, { where: { name: 'onerow' }, create: { whole } })
  const [own, stored] = await em.execute<{ whole: { secret: string } }[]>('select whole from box order by id')
  assert.deepEqual(stored, own)
  assert.equal(stored?.whole.secret, 'db:a')
  const read = await t.fork().findOneOrFail(Box, { name: 'own' })
  assert.deepEqual(wrap(row.whole).toPOJO(), wrap(read.whole).toPOJO())
  assert.deepEqual(
    [row.whole.secret, row.whole.inside.secret, row.whole.parts[0]?.extra],
    ['a', 'b', { a: 1 }],
  )
})

test('a relation to a composite key: each column has the type of its own part', async () => {
  const Room = defineEntity({
    name: 'Room',
    properties: { house: p.type(Marked).columnType('text').primary(), no: p.integer().primary() },
  })
  const Booking = defineEntity({
    name: 'Booking',
    properties: {
      id: p.integer().primary(),
      room: () => p.manyToOne(Room),
      day: p.string(),
    },
    uniques: [{ name: 'booking_room', properties: ['room', 'day'] }],
  })
  await using t = await openPostgres([Room, Booking])
  // The types do not know the columns, whose names are MikroORM's.
  const bookings = mikroOrmTable(t.orm.em.getRepository(Booking)) as unknown as Table<
    { id: number; room_house: unknown; room_no: unknown; day: string; room: object },
    { room_house: unknown; room_no: unknown; day: string }
  >
  const key = uniqueKey(bookings, ['room_house', 'room_no', 'day'], { name: 'booking_room' })
  const em = t.fork()
  const room = em.create(Room, { house: 'A', no: 5 })
  await em.flush()
  const byKeys = { room_house: 'A', room_no: 5, day: 'Monday' }
  const first = await getOrCreate(fromMikroOrm(em), key, { where: byKeys })
  const byEntity = { room_house: room, room_no: room, day: 'Monday' }
  const second = await getOrCreate(fromMikroOrm(em), key, { where: byEntity })
  assert.deepEqual([first.created, second.created, first.row.room === room], [true, false, true])
  assert.deepEqual(await em.execute('select room_house, room_no from booking'), [
    { room_house: 'db:A', room_no: 5 },
  ])
})
