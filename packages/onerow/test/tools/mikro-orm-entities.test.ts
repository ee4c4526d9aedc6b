import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MikroORM as MariadbOrm } from '@mikro-orm/mariadb'
import { EntitySchema, defineEntity, p } from '@mikro-orm/postgresql'
import { createUnique, getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import { fromMikroOrm, mikroOrmTable } from 'onerow/mikro-orm'
import { installCommand, testMariadb } from '@onerow/servers'
import { openPostgres } from './mikro-orm-postgres.ts'

test('a version: updates must raise it, and then an older copy of the row is refused', async () => {
  const Account = defineEntity({
    name: 'Account',
    properties: {
      id: p.integer().primary(),
      email: p.string().unique('account_email'),
      name: p.string(),
      version: p.integer().version(),
    },
  })
  await using t = await openPostgres([Account])
  const key = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Account)), ['email'], { name: 'account_email' })
  const where = { email: 'a' }
  const { row: older } = await getOrCreate(fromMikroOrm(t.fork()), key, { where, create: { name: 'x' } })
  const update = updateOrCreate(fromMikroOrm(t.fork()), key, { where, update: { name: 'y' } })
  await assert.rejects(
    update,
    /Give a value for "version": it is the version, so `update` must be a function/,
  )
  const { row } = await updateOrCreate(fromMikroOrm(t.fork()), key, {
    where,
    update: ({ version }) => ({ name: 'y', version: version + 1 }),
    create: { name: 'y' },
  })
  assert.equal(row.version, 2)
  const em = t.fork()
  const copy = em.merge(Account, { ...older })
  copy.name = 'z'
  await assert.rejects(em.flush(), /The optimistic lock/)
})

test('single table inheritance: a new row is of the type of the repository, one of another is refused', async () => {
  class Animal {
    declare id: number
    declare name: string
    declare kind: string
  }
  class Dog extends Animal {}
  class Cat extends Animal {}
  const properties = { id: { type: 'integer', primary: true }, name: { type: 'string' } } as const
  const animals = new EntitySchema<Animal>({
    class: Animal,
    abstract: true,
    discriminatorColumn: 'kind',
    properties: { ...properties, kind: { type: 'string' } },
  })
  const dogs = new EntitySchema({ class: Dog, extends: animals, discriminatorValue: 'dog' })
  const cats = new EntitySchema({ class: Cat, extends: animals, discriminatorValue: 'cat' })
  await using t = await openPostgres([animals, dogs, cats])
  await t.fork().execute('create unique index animal_name on animal (name)')
  const key = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Dog)), ['name'], { name: 'animal_name' })
  // The type cannot tell that the discriminator has a default.
  const create = {} as { readonly kind: string }
  const { row } = await getOrCreate(fromMikroOrm(t.fork()), key, { where: { name: 'Rex' }, create })
  assert.ok(row instanceof Dog)
  assert.ok((await t.fork().findOneOrFail(Animal, row.id)) instanceof Dog)

  const keyOf = (entity: typeof Animal) =>
    uniqueKey(mikroOrmTable(t.orm.em.getRepository(entity)), ['name'], { name: 'animal_name' })
  const cat = getOrCreate(fromMikroOrm(t.fork()), keyOf(Cat), { where: { name: 'Rex' }, create })
  await assert.rejects(
    cat,
    /not of the entity that was asked for, but "dog"\. .* the key needs a condition on "kind"/,
  )
  const animal = await getOrCreate(fromMikroOrm(t.fork()), keyOf(Animal), { where: { name: 'Rex' }, create })
  assert.ok(animal.row instanceof Dog)

  await t
    .fork()
    .execute(`drop index animal_name; create unique index cat_name on animal (name) where kind = 'cat'`)
  const catKey = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Cat)), ['name'], {
    name: 'cat_name',
    condition: { kind: 'cat' },
  })
  const tom = await getOrCreate(fromMikroOrm(t.fork()), catKey, { where: { name: 'Rex' } })
  assert.deepEqual([tom.created, tom.row instanceof Cat], [true, true])
})

test('what MikroORM makes of the entity itself has to be given', async () => {
  const Page = defineEntity({
    name: 'Page',
    properties: {
      id: p.integer().primary(),
      title: p.string().unique('page_title'),
      slug: p.string().onCreate((page: { title: string }) => page.title.toLowerCase()),
    },
  })
  await using t = await openPostgres([Page])
  const key = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Page)), ['title'], { name: 'page_title' })
  const where = { title: 'A' }
  await assert.rejects(
    createUnique(fromMikroOrm(t.fork()), key, { where }),
    /Give a value for "slug": its onCreate looks at the entity/,
  )
  assert.equal((await createUnique(fromMikroOrm(t.fork()), key, { where, create: { slug: 'a' } })).slug, 'a')
})

const mariadbDatabase = await testMariadb({ name: 'mikro_orm_schema' })
const skip = mariadbDatabase ? false : `MariaDB is not installed: ${installCommand.mariadb}`
test('on MariaDB no value ends its literal, not even with NO_BACKSLASH_ESCAPES', { skip }, async () => {
  await using database = mariadbDatabase ?? assert.fail()
  const Note = defineEntity({
    name: 'Note',
    properties: { id: p.integer().primary(), title: p.string().unique('note_title'), text: p.string() },
  })
  const orm = new MariadbOrm({ entities: [Note], clientUrl: database.url, pool: { max: 1 } })
  await orm.schema.create()
  const em = orm.em.fork()
  await em.execute(`set session sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'`)
  const key = uniqueKey(mikroOrmTable(orm.em.getRepository(Note)), ['title'], { name: 'note_title' })
  const hostile = [`\\' or 1=1 -- `, `\\`, `'`, `"`, `\\"`, `?`, ``, `🦊\0`]
  for (const title of hostile) {
    const call = () => getOrCreate(fromMikroOrm(em), key, { where: { title }, create: { text: title } })
    assert.deepEqual([(await call()).created, (await call()).row.text], [true, title])
  }
  assert.equal(await em.count(Note), hostile.length)
  await orm.close()
})
