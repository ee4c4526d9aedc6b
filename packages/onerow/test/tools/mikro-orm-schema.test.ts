import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy'
import { EntityRepository, EntitySchema, defineEntity, p } from '@mikro-orm/postgresql'
import { getOrCreate, uniqueKey, verifyKeys } from 'onerow'
import { fromMikroOrm, keyMethods, mikroOrmTable } from 'onerow/mikro-orm'
import type { KeyMethods } from 'onerow/mikro-orm'
import { openPostgres } from './mikro-orm-postgres.ts'

test('a class with decorators, and a repository of its own', async () => {
  class Author {
    declare id: number
    declare email: string
    declare mentor: Author | null
    declare createdAt: Date
  }
  // What a decorator does, without its syntax, which Node does not run.
  PrimaryKey({ type: 'integer' })(Author.prototype, 'id')
  Property({ type: 'string', fieldName: 'e_mail', unique: 'author_e_mail' })(Author.prototype, 'email')
  ManyToOne({ entity: () => Author, nullable: true })(Author.prototype, 'mentor')
  Property({ type: 'datetime', onCreate: () => new Date() })(Author.prototype, 'createdAt')
  class AuthorRepository extends EntityRepository<Author> {
    declare readonly getOrCreate: KeyMethods<ReturnType<typeof byEmail>>['getOrCreate']
    findBob() {
      return this.findOneOrFail({ email: 'bob@example.com' })
    }
  }
  Entity({ repository: () => AuthorRepository, tableName: 'writers' })(Author)
  const byEmail = (repository: EntityRepository<Author>) =>
    uniqueKey(mikroOrmTable(repository), ['email'], { name: 'author_e_mail' })

  await using t = await openPostgres([Author])
  const key = byEmail(t.orm.em.getRepository(Author))
  Object.assign(AuthorRepository.prototype, keyMethods(key))
  assert.deepEqual(await verifyKeys(fromMikroOrm(t.fork()), [key]), [])

  // The class declares no EntityRepositoryType.
  const authors = t.fork().getRepository(Author) as unknown as AuthorRepository
  const create = { mentor: null, createdAt: new Date(0) }
  const { row, created } = await authors.getOrCreate({ where: { email: 'ada@example.com' }, create })
  assert.deepEqual([created, row instanceof Author, Number(row.createdAt)], [true, true, 0])
  await authors.getOrCreate({ where: { email: 'bob@example.com' }, create: { ...create, mentor: row } })
  assert.equal((await authors.findBob()).mentor, row)
})

test('an EntitySchema: composite key with a relation, renamed columns, another schema', async () => {
  interface Owner {
    id: number
  }
  interface Seat {
    owner: Owner
    rowNumber: number
    label: string
  }
  const owners = new EntitySchema<Owner>({
    name: 'Owner',
    properties: { id: { type: 'integer', primary: true } },
  })
  const seats = new EntitySchema<Seat>({
    name: 'Seat',
    tableName: 'places',
    schema: 'hall',
    properties: {
      owner: { kind: 'm:1', entity: () => owners, primary: true, fieldName: 'owned_by' },
      rowNumber: { type: 'integer', primary: true, fieldName: 'no' },
      label: { type: 'string' },
    },
  })
  await using t = await openPostgres([owners, seats])
  const table = mikroOrmTable(t.orm.em.getRepository(seats))
  assert.deepEqual(
    [table.name, table.schema, table.primaryKey, table.columns.map(({ name }) => name)],
    ['places', 'hall', ['owner', 'rowNumber'], ['owned_by', 'no', 'label']],
  )
  const key = uniqueKey(table, ['owner', 'rowNumber'], { name: 'places_pkey' })
  const em = t.fork()
  const owner = em.create(owners, { id: 1 })
  await em.flush()
  const where = { owner, rowNumber: 2 }
  const first = await getOrCreate(fromMikroOrm(em), key, { where, create: { label: 'a' } })
  const second = await getOrCreate(fromMikroOrm(em), key, { where, create: { label: 'b' } })
  assert.deepEqual([first.created, second.created, first.row], [true, false, second.row])
  assert.equal(await em.findOne(seats, { owner, rowNumber: 2 }), first.row)
})

test('an index that the entity declares, with a condition, enforces the key', async () => {
  const Card = defineEntity({
    name: 'Card',
    properties: { id: p.integer().primary(), kind: p.string(), deletedAt: p.datetime().nullable() },
    uniques: [
      { name: 'card_kind', properties: ['kind'], where: { kind: { $in: ['a', 'b'] }, deletedAt: null } },
    ],
  })
  await using t = await openPostgres([Card])
  const key = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Card)), ['kind'], {
    name: 'card_kind',
    condition: { kind: ['a', 'b'], deletedAt: null },
  })
  assert.deepEqual(await verifyKeys(fromMikroOrm(t.fork()), [key]), [])
  const results = [1, 2].map(() => getOrCreate(fromMikroOrm(t.fork()), key, { where: { kind: 'a' } }))
  assert.equal((await Promise.all(results)).filter(({ created }) => created).length, 1)
})

test('a schema for each tenant: the table names it', async () => {
  const Tag = defineEntity({
    name: 'Tag',
    schema: '*',
    properties: { id: p.integer().primary(), name: p.string().unique('tag_name'), hits: p.integer() },
  })
  await using t = await openPostgres([Tag])
  const tenant = t.orm.em.fork({ schema: 'tenant' })
  await tenant.execute('create schema tenant')
  await t.orm.schema.create({ schema: 'tenant' })
  const key = uniqueKey(mikroOrmTable(tenant.getRepository(Tag)), ['name'], { name: 'tag_name' })
  const em = t.fork()
  const { row } = await getOrCreate(fromMikroOrm(em), key, { where: { name: 'a' }, create: { hits: 0 } })
  row.hits = 1
  await em.flush()
  assert.deepEqual(await em.execute('select name, hits from tenant.tag'), [{ name: 'a', hits: 1 }])
})

test('row level security: the session context of the entity manager holds for the statements', async () => {
  const Memo = defineEntity({
    name: 'Memo',
    properties: {
      id: p.integer().primary(),
      title: p.string().unique('memo_title'),
      owner: p.string().defaultRaw(`current_setting('app.owner')`),
    },
  })
  await using t = await openPostgres([Memo])
  const key = uniqueKey(mikroOrmTable(t.orm.em.getRepository(Memo)), ['title'], { name: 'memo_title' })
  const em = t.orm.em.fork({ session: { variables: { 'app.owner': 'ada' } } })
  const where = { title: 'a' }
  const made = await getOrCreate(fromMikroOrm(em), key, { where })
  const found = await getOrCreate(fromMikroOrm(em), key, { where })
  assert.deepEqual([made.row.owner, made.created, found.created], ['ada', true, false])
})
