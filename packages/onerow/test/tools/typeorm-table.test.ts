import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, keySql, uniqueKey, updateOrCreate } from 'onerow'
import type { Key } from 'onerow'
import { fromTypeOrm, typeOrmTable } from 'onerow/typeorm'
import {
  ChildEntity,
  Column,
  CreateDateColumn,
  DataSource,
  Entity,
  EntitySchema,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  TableInheritance,
  UpdateDateColumn,
  VersionColumn,
  VirtualColumn,
} from 'typeorm'
import { typeOrmEngines } from './typeorm-data-sources.ts'

// Decorators, called as what they are, since Node runs none.

class User {
  declare id: string
  declare email: string
  declare name: string
  declare secret: string
  declare version: number
  declare createdAt: Date
  declare updatedAt: Date
  declare documents: number
  get shortName(): string {
    return this.name.slice(0, 1)
  }
}
Entity('user_account')(User)
PrimaryGeneratedColumn('uuid')(User.prototype, 'id')
Column({ type: 'varchar', length: 100 })(User.prototype, 'email')
Column({ type: 'varchar', name: 'full_name' })(User.prototype, 'name')
Column({ type: 'varchar', select: false, default: 'none' })(User.prototype, 'secret')
VersionColumn()(User.prototype, 'version')
CreateDateColumn()(User.prototype, 'createdAt')
UpdateDateColumn()(User.prototype, 'updatedAt')
VirtualColumn('integer', { query: (alias) => `select count(*) from document where user_id = ${alias}.id` })(
  User.prototype,
  'documents',
)

class Document {
  declare id: number
  declare user: User
  declare type: string
  declare file: string
}
Entity('document')(Document)
PrimaryGeneratedColumn()(Document.prototype, 'id')
ManyToOne(() => User, { nullable: false })(Document.prototype, 'user')
JoinColumn({ name: 'user_id' })(Document.prototype, 'user')
Column({ type: 'varchar', length: 100 })(Document.prototype, 'type')
Column({ type: 'varchar' })(Document.prototype, 'file')

class Pet {
  declare id: number
  declare name: string
}
Entity('pet')(Pet)
TableInheritance({ column: { name: 'kind', type: 'varchar', length: 20 } })(Pet)
PrimaryGeneratedColumn()(Pet.prototype, 'id')
Column({ type: 'varchar', length: 100 })(Pet.prototype, 'name')

class Dog extends Pet {
  declare tricks: string
}
ChildEntity('dog')(Dog)
Column({ type: 'varchar', nullable: true })(Dog.prototype, 'tricks')

class Cat extends Pet {
  declare lives: number
}
ChildEntity('cat')(Cat)
Column({ type: 'integer', nullable: true })(Cat.prototype, 'lives')

interface Person {
  id: number
  name: { first: string; last: string }
  initial: string
}

/** An embedded object's columns have the dotted names that TypeORM gives them. */
interface PersonColumns extends Person {
  'name.first': string
  'name.last': string
}

type NewPerson = Omit<PersonColumns, 'id' | 'name' | 'initial'>

const personName = new EntitySchema<Person['name']>({
  name: 'PersonName',
  columns: { first: { type: String, length: 50, name: 'given' }, last: { type: String, length: 50 } },
})
const initial = { asExpression: 'substr(given, 1, 1)', generatedType: 'STORED' } as const
const person = new EntitySchema<Person>({
  name: 'Person',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    initial: { type: String, length: 1, nullable: true, ...initial },
  },
  embeddeds: { name: { schema: personName, prefix: '' } },
})

async function createKey(dataSource: DataSource, key: Key): Promise<void> {
  await dataSource.query(keySql(key, fromTypeOrm(dataSource).dialect).replace(/;$/, ''))
}

for (const { name, skip, open } of await typeOrmEngines('typeorm_table')) {
  test(`on ${name}, what TypeORM fills in is filled in: a uuid, a version, dates`, { skip }, async () => {
    const dataSource = await open([User, Document], { synchronize: true })
    const [db, users] = [fromTypeOrm(dataSource), dataSource.getRepository(User)]
    const byEmail = uniqueKey(typeOrmTable(users), ['email'], { name: 'user_email' })
    await createKey(dataSource, byEmail)
    const where = { email: 'ada@example.com' }
    const create = { name: 'Ada', secret: 'x', createdAt: new Date(0), updatedAt: new Date(0) }

    const { row, created } = await getOrCreate(db, byEmail, { where, create })
    assert.ok(created && row instanceof User)
    assert.match(row.id, /^[\da-f]{8}-[\da-f]{4}-4/)
    assert.deepEqual([row.version, row.createdAt, row.shortName], [1, new Date(0), 'A'])
    const find = () =>
      users.findOneOrFail({
        where,
        select: { id: true, email: true, name: true, version: true, createdAt: true, updatedAt: true },
      })
    assert.deepEqual(row, await find())
    assert.equal('secret' in row, false)
    assert.equal((await users.findOneOrFail({ where, select: { secret: true } })).secret, 'x')

    const update = () =>
      updateOrCreate(db, byEmail, {
        where,
        update: ({ version }) => ({ name: 'Lovelace', version: version + 1 }),
        create,
      })
    const updated = await update()
    assert.deepEqual([updated.outcome, updated.row.version], ['updated', 2])
    assert.ok(updated.row.updatedAt.getTime() > Date.now() - 60_000)
    assert.deepEqual(updated.row, await find())
    const same = await updateOrCreate(db, byEmail, { where, update: { name: 'Lovelace' }, create })
    assert.deepEqual([same.outcome, same.row.updatedAt], ['unchanged', updated.row.updatedAt])
  })

  test(`on ${name}, a relation is looked up by its entity or its id`, { skip }, async () => {
    const dataSource = await open([User, Document], { synchronize: true })
    const db = fromTypeOrm(dataSource)
    const users = dataSource.getRepository(User)
    const documents = dataSource.getRepository(Document)
    const user = await users.save(users.create({ email: 'bob@example.com', name: 'Bob' }))
    const key = uniqueKey(typeOrmTable(documents), ['user', 'type'], { name: 'user_type' })
    await createKey(dataSource, key)
    const create = { file: 'a.pdf' }

    const made = await getOrCreate(db, key, { where: { user, type: 'PAN' }, create })
    assert.ok(made.created && made.row instanceof Document)
    // As `find` gives it without `relations`.
    assert.deepEqual(made.row, await documents.findOneByOrFail({ id: made.row.id }))
    const relations = { user: true }
    assert.equal((await documents.findOneOrFail({ where: { id: made.row.id }, relations })).user.id, user.id)
    for (const given of [user, users.create({ id: user.id }), user.id]) {
      // TypeORM's types know the entity only.
      const found = await getOrCreate(db, key, { where: { user: given as User, type: 'PAN' }, create })
      assert.deepEqual([found.created, found.row], [false, made.row])
    }
    // To save it does not take the user away.
    await documents.save(Object.assign(made.row, { file: 'b.pdf' }))
    const [saved, ...others] = await documents.find({ relations })
    assert.deepEqual([saved?.user.id, saved?.file, others], [user.id, 'b.pdf', []])
    // @ts-expect-error not an entity of the relation
    await assert.rejects(getOrCreate(db, key, { where: { user: {}, type: 'PAN' }, create }), {
      kind: 'outside-key',
    })
  })

  test(`on ${name}, classes that share a table: rows are of their own class`, { skip }, async () => {
    const dataSource = await open([Pet, Dog, Cat], { synchronize: true })
    const db = fromTypeOrm(dataSource)
    const nameOf = { name: 'pet_name' }
    const [dogs, pets, cats] = [Dog, Pet, Cat].map((entity) =>
      typeOrmTable<Pet>(dataSource.getRepository(entity)),
    )
    assert.ok(dogs && pets && cats)
    const [dog, pet, cat] = [dogs, pets, cats].map((table) => uniqueKey(table, ['name'], nameOf))
    assert.ok(dog && pet && cat)
    await createKey(dataSource, dog)
    const where = { name: 'Rex' }
    const made = await getOrCreate(db, dog, { where })
    assert.ok(made.created && made.row instanceof Dog)
    assert.deepEqual(made.row, await dataSource.getRepository(Dog).findOneByOrFail(where))
    const found = await getOrCreate(db, pet, { where })
    assert.ok(!found.created && found.row instanceof Dog)
    assert.deepEqual(found.row, await dataSource.getRepository(Pet).findOneByOrFail(where))
    await assert.rejects(getOrCreate(db, cat, { where }), /not of the entity .* but "dog"/)
  })

  test(`on ${name}, embedded objects and generated columns`, { skip }, async () => {
    const dataSource = await open([person], { synchronize: true })
    const people = dataSource.getRepository(person)
    const table = typeOrmTable<Person, NewPerson, PersonColumns>(people)
    const key = uniqueKey(table, ['name.first', 'name.last'], { name: 'person_name' })
    await createKey(dataSource, key)
    // The key was not told that the entity calls it otherwise.
    const ofString = typeOrmTable<Readonly<Record<string, unknown>>>(dataSource.getRepository('Person'))
    assert.throws(() => uniqueKey(ofString, ['surname'], { name: 'person_name' }), {
      message:
        'Key "person_name" on table "person": "surname" is not a column of the table, which has id, initial, name.first, name.last.',
    })
    const where = { 'name.first': 'Ada', 'name.last': 'Lovelace' }
    for (const created of [true, false]) {
      const answer = await getOrCreate(fromTypeOrm(dataSource), key, { where })
      assert.equal(answer.created, created)
      assert.deepEqual(answer.row, { id: 1, name: { first: 'Ada', last: 'Lovelace' }, initial: 'A' })
      assert.deepEqual(answer.row, await people.findOneByOrFail({ id: 1 }))
    }
  })
}

test('what cannot work is refused where it is written', async () => {
  const dataSource = new DataSource({ type: 'postgres', entities: [User] })
  assert.throws(
    () => typeOrmTable(dataSource.getRepository(User)),
    /only after `await dataSource\.initialize\(\)`/,
  )
  const other = new DataSource({ type: 'sqljs', driver: {} })
  assert.throws(
    () => fromTypeOrm(other),
    /does not know data sources of type "sqljs", only postgres, better-sqlite3/,
  )
})
