import assert from 'node:assert/strict'
import { Reference, wrap } from '@mikro-orm/core'
import { createUnique, getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import { fromMikroOrm } from 'onerow/mikro-orm'
import { Address, Document, User, onEachEngine } from './mikro-orm-documents.ts'

const full = {
  file: `it's "a" \\ ? $1 🦊`,
  pages: 9007199254740993n,
  fee: '12345678901234567890.12',
  issuedOn: '2026-02-28',
  checkedAt: new Date('2026-02-28T23:59:59.123Z'),
  isPublic: true,
  scan: new Uint8Array([0, 1, 255]),
  details: { a: 1, text: `it's "\\ ?` },
  tags: ['a', 'b c'],
  sentTo: { street: 'Main', zipCode: '1234' },
  note: 'lazy',
}
const panCard = { documentType: 'PAN_CARD' } as const

onEachEngine('rows are what findOne gives, of every type', async ({ fork, identityCard, rows }) => {
  const db = fromMikroOrm(fork())
  const where = { ...panCard, user: db.client.getReference(User, 7) }
  const read = async () => wrap((await rows())[0] ?? assert.fail()).toPOJO()

  const made = await getOrCreate(db, identityCard, { where, create: full })
  const { createdAt, changedAt, ...values } = await read()
  assert.equal(made.created, true)
  assert.deepEqual(wrap(made.row).toPOJO(), { ...values, createdAt, changedAt })
  assert.ok(made.row.sentTo instanceof Address.class)
  assert.ok(Math.abs(Date.now() - Number(createdAt)) < 60_000, 'onCreate')
  assert.equal(Number(changedAt), 0)

  const found = await getOrCreate(fromMikroOrm(fork()), identityCard, { where, create: full })
  assert.equal(found.created, false)
  assert.deepEqual(wrap(found.row).toPOJO(), await read())

  const changes = { ...full, pages: 2n, tags: null, sentTo: null, scan: new Uint8Array(), isPublic: false }
  const updated = await updateOrCreate(db, identityCard, { where, update: changes })
  assert.deepEqual([updated.outcome, wrap(updated.row).toPOJO()], ['updated', await read()])
  assert.ok(Number(updated.row.changedAt) > 0, 'onUpdate')
  const again = await updateOrCreate(db, identityCard, { where, update: changes })
  assert.deepEqual([again.outcome, again.row.changedAt], ['unchanged', updated.row.changedAt])
})

onEachEngine(
  'what MikroORM has stored is found, and what onerow has stored is equal',
  async ({ fork, ...t }) => {
    const em = fork()
    const user = em.getReference(User, 7)
    const own = em.create(Document, { ...full, ...panCard, user })
    await em.flush()
    const { row, created } = await getOrCreate(fromMikroOrm(em), t.identityCard, {
      where: { ...panCard, user },
      create: full,
    })
    assert.deepEqual([row, created], [own, false])
    await getOrCreate(fromMikroOrm(em), t.identityCard, {
      where: { documentType: 'AADHAAR_CARD', user },
      create: { ...full, createdAt: own.createdAt, changedAt: own.changedAt },
    })
    const [first, second] = await em.execute<object[]>('select * from document order by id')
    assert.deepEqual({ ...first, id: 0, document_type: '' }, { ...second, id: 0, document_type: '' })
  },
)

onEachEngine(
  'a row is managed: the next flush writes its changes, and nothing else',
  async ({ fork, ...t }) => {
    const em = fork()
    const where = { ...panCard, user: em.getReference(User, 7) }
    const { row } = await getOrCreate(fromMikroOrm(em), t.identityCard, { where, create: full })
    assert.equal(wrap(row).isInitialized(), true)
    assert.equal(await em.findOne(Document, row.id), row)
    em.getUnitOfWork().computeChangeSets()
    assert.deepEqual(em.getUnitOfWork().getChangeSets(), [])

    row.file = 'later.pdf'
    await em.flush()
    assert.deepEqual(
      (await t.rows()).map(({ id, file }) => ({ id, file })),
      [{ id: row.id, file: 'later.pdf' }],
    )
  },
)

onEachEngine('what the manager knows stays the same object, and is as stored', async ({ fork, ...t }) => {
  const [em, other] = [fork(), fork()]
  const where = { ...panCard, user: em.getReference(User, 7) }
  const { row: stored } = await getOrCreate(fromMikroOrm(other), t.identityCard, { where, create: full })
  const reference = em.getReference(Document, stored.id)
  assert.equal(wrap(reference).isInitialized(), false)
  const find = () => getOrCreate(fromMikroOrm(em), t.identityCard, { where, create: full })
  assert.equal((await find()).row, reference)
  assert.equal(wrap(reference).isInitialized(), true)

  // As em.refresh does.
  reference.file = 'unflushed.pdf'
  await updateOrCreate(fromMikroOrm(other), t.identityCard, { where, update: { note: null }, create: full })
  assert.deepEqual([(await find()).row, reference.file, reference.note], [reference, full.file, null])
  await em.flush()
  assert.equal((await t.rows())[0]?.file, full.file)
})

onEachEngine('a relation is looked up by an entity, a reference, or its key', async ({ fork, ...t }) => {
  const em = fork()
  const user = await em.findOneOrFail(User, 7)
  const ids = []
  // The type of the property is the entity; MikroORM takes the key in its place everywhere.
  for (const given of [user, Reference.create(user), 7] as unknown as (typeof user)[]) {
    const where = { ...panCard, user: given }
    ids.push((await getOrCreate(fromMikroOrm(em), t.identityCard, { where, create: full })).row.id)
  }
  assert.deepEqual(new Set(ids).size, 1)
  const nobody = em.create(User, { name: 'not flushed' })
  await assert.rejects(
    getOrCreate(fromMikroOrm(em), t.identityCard, { where: { ...panCard, user: nobody }, create: full }),
    /User for "user" has no key yet: flush it first/,
  )
})

onEachEngine('a conditional key: a removed card frees it', async ({ fork, identityCard, rows }) => {
  const em = fork()
  const where = { ...panCard, user: em.getReference(User, 7) }
  const { row: first } = await getOrCreate(fromMikroOrm(em), identityCard, { where, create: full })
  await assert.rejects(createUnique(fromMikroOrm(em), identityCard, { where, create: full }), {
    kind: 'already-exists',
    row: first,
    message: /This user already has a document of this type/,
  })
  first.deletedAt = new Date()
  await em.flush()
  const second = await getOrCreate(fromMikroOrm(em), identityCard, { where, create: full })
  assert.equal(second.created, true)
  assert.equal((await rows()).length, 2)
  const outside = { user: em.getReference(User, 7), documentType: 'SALARY_SLIP' as 'PAN_CARD' }
  await assert.rejects(getOrCreate(fromMikroOrm(em), identityCard, { where: outside, create: full }), {
    kind: 'outside-key',
  })
})

onEachEngine(
  'of 64 requests at once, one creates the row and all get it',
  async ({ fork, identityCard, rows }) => {
    const results = await Promise.all(
      Array.from({ length: 64 }, () => {
        const em = fork()
        const where = { ...panCard, user: em.getReference(User, 7) }
        return getOrCreate(fromMikroOrm(em), identityCard, { where, create: full })
      }),
    )
    assert.equal(results.filter(({ created }) => created).length, 1)
    assert.deepEqual(
      [...new Set(results.map(({ row }) => row.id))],
      (await rows()).map(({ id }) => id),
    )
  },
)

onEachEngine('a rename that the key does not follow fails at once', async ({ documents }) => {
  assert.throws(
    // @ts-expect-error no such property
    () => uniqueKey(documents, ['owner'], { name: 'x' }),
    /"owner" is not a column of the table, which has id, user, documentType/,
  )
})

const log: string[] = []
onEachEngine(
  "statements go through MikroORM's logger, without their values",
  async ({ fork, identityCard }) => {
    const em = fork()
    const where = { ...panCard, user: em.getReference(User, 7) }
    log.length = 0
    await getOrCreate(fromMikroOrm(em), identityCard, { where, create: full })
    assert.match(log.join('\n'), /insert into .*document/s)
    assert.doesNotMatch(log.join('\n'), /12345678901234567890/)
  },
  { debug: ['query', 'query-params'], logger: (message) => log.push(message) },
)

onEachEngine(
  'an entity manager that would do otherwise is refused before any SQL',
  async ({ em, fork, ...t }) => {
    const where = { ...panCard, user: fork().getReference(User, 7) }
    const call = (on: typeof em) => getOrCreate(fromMikroOrm(on), t.identityCard, { where, create: full })
    await assert.rejects(call(em), /Using global EntityManager/)
    await assert.rejects(call(em.fork({ schema: 'tenant' })), /for the schema "tenant"/)
    assert.deepEqual(await t.rows(), [])
  },
)
