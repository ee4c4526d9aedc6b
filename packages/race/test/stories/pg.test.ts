import { after } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { pgSessions } from '@onerow/race/pg'
import { getOrCreate, keySql, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'
import { inTransaction } from '../in-transaction.ts'
import { testStory } from './story-tests.ts'

const database = await testDatabase({ name: 'race_stories_pg' })
const pool = new pg.Pool({ connectionString: database.url })
const sessions = pgSessions(pg, { connectionString: database.url })
const db = fromPg(pool, { coalesce: false })
after(async () => {
  await pool.end()
  await database.drop()
})

await pool.query(`
create table race (user_id varchar(32) not null, name varchar(32) not null);
create table document (
  id integer generated always as identity primary key, user_id integer not null, document_type text not null, document text not null
)`)

interface Race {
  readonly userId: string
  readonly name: string
}
const byUser = uniqueKey(
  table<Race, Race>('race', { columns: { userId: 'user_id', name: 'name' } }),
  ['userId'],
  {
    name: 'race_user_id',
  },
)
const userId = 'c53b8ba212ef4f15b2365e1bb3d524fe'
const race = { where: { userId }, create: { name: 'foo' } }
type Queryable = Pick<pg.Pool, 'query'>

async function getOrCreateRace(client: Queryable): Promise<unknown> {
  const { rows } = await client.query('select * from race where user_id = $1', [userId])
  if (rows.length > 1) throw new Error(`get() returned more than one Race -- it returned ${rows.length}!`)
  if (rows.length === 1) return rows[0]
  const inserted = await client.query('insert into race (user_id, name) values ($1, $2) returning *', [
    userId,
    'foo',
  ])
  return inserted.rows[0]
}

testStory({
  name: 'pg, story 1',
  sessions,
  setup: () => pool.query('delete from race'),
  read: () => pool.query('select * from race'),
  ways: {
    'select, then insert': () => getOrCreateRace(pool),
    'select, then insert, in a transaction': () => inTransaction(pool, getOrCreateRace),
  },
  cure: () => pool.query(keySql(byUser, postgres)),
  cured: {
    onerow: () => getOrCreate(db, byUser, race),
    'onerow in a transaction': () =>
      inTransaction(pool, (client) => getOrCreate(fromPg(client), byUser, race)),
  },
})

interface Document {
  readonly id: number
  readonly userId: number
  readonly documentType: 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'
  readonly document: string
}
const documents = table<Document, Omit<Document, 'id'>>('document', {
  columns: { id: 'id', userId: 'user_id', documentType: 'document_type', document: 'document' },
})
const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'] },
})
const card = { where: { userId: 7, documentType: 'AADHAAR_CARD' }, create: { document: 'scan.pdf' } } as const

const find = (client: Queryable, type: Document['documentType']) =>
  client.query('select * from document where user_id = 7 and document_type = $1', [type])

/** The model's `save()`, which guards the rule in the application. */
async function save(client: Queryable, type: Document['documentType']): Promise<unknown> {
  if (type !== 'SALARY_SLIP' && (await find(client, type)).rows.length > 0) throw new Error('Not allowed')
  const { rows } = await client.query(
    'insert into document (user_id, document_type, document) values (7, $1, $2) returning *',
    [type, 'scan.pdf'],
  )
  return rows[0]
}

/** The team's own: get; if there is none, create; if that is refused, get again. */
async function getOrCreateCard(): Promise<unknown> {
  const { rows } = await find(pool, 'AADHAAR_CARD')
  if (rows.length > 0) return rows[0]
  try {
    return await save(pool, 'AADHAAR_CARD')
  } catch {
    return (await find(pool, 'AADHAAR_CARD')).rows[0]
  }
}

testStory({
  name: 'pg, story 2',
  sessions,
  setup: () => pool.query('delete from document'),
  read: () => find(pool, 'AADHAAR_CARD'),
  ways: {
    'a check in save(), then the insert': () => save(pool, 'AADHAAR_CARD'),
    'the same in a transaction': () => inTransaction(pool, (client) => save(client, 'AADHAAR_CARD')),
    'get; else save(); if it is refused, get': getOrCreateCard,
  },
  cure: () => pool.query(keySql(identityCard, postgres)),
  cured: {
    onerow: () => getOrCreate(db, identityCard, card),
    'onerow in a transaction': () =>
      inTransaction(pool, (client) => getOrCreate(fromPg(client), identityCard, card)),
  },
  free: { save: () => save(pool, 'SALARY_SLIP'), read: () => find(pool, 'SALARY_SLIP') },
})
