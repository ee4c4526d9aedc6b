import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import type { TestMariadb } from '@onerow/servers'
import { mysql2Sessions } from '@onerow/race/mysql2'
import { getOrCreate, keySql, table, uniqueKey } from 'onerow'
import { fromMysql2 } from 'onerow/mysql2'
import { mariadb } from 'onerow/mysql'
import mysql2 from 'mysql2/promise'
import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise'
import { testStory } from './story-tests.ts'

interface Race {
  readonly userId: string
  readonly name: string
}
interface Document {
  readonly id: number
  readonly userId: number
  readonly documentType: 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'
  readonly document: string
}
const races = table<Race, Race>('race', { columns: { userId: 'user_id', name: 'name' } })
const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
const documents = table<Document, Omit<Document, 'id'>>('document', {
  columns: { id: 'id', userId: 'user_id', documentType: 'document_type', document: 'document' },
})
const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'] },
})

const userId = 'c53b8ba212ef4f15b2365e1bb3d524fe'
const race = { where: { userId }, create: { name: 'foo' } }
const card = {
  where: { userId: 7, documentType: 'AADHAAR_CARD' },
  create: { document: 'scan.pdf' },
} as const
const server = 'mariadb'
type Queryable = Pick<Pool, 'query' | 'execute'>

async function getOrCreateRace(client: Queryable): Promise<unknown> {
  const [rows] = await client.execute<RowDataPacket[]>('select * from race where user_id = ?', [userId])
  if (rows.length > 1) throw new Error(`get() returned more than one Race -- it returned ${rows.length}!`)
  if (rows.length === 1) return rows[0]
  await client.execute('insert into race (user_id, name) values (?, ?)', [userId, 'foo'])
  return { user_id: userId, name: 'foo' }
}

async function find(client: Queryable, type: Document['documentType']): Promise<RowDataPacket[]> {
  const text = 'select * from document where user_id = 7 and document_type = ?'
  const [rows] = await client.query<RowDataPacket[]>(text, [type])
  return rows
}

/** The model's `save()`, which guards the rule in the application. */
async function save(client: Queryable, type: Document['documentType']): Promise<void> {
  if (type !== 'SALARY_SLIP' && (await find(client, type)).length > 0) throw new Error('Not allowed')
  await client.query('insert into document (user_id, document_type, document) values (7, ?, ?)', [
    type,
    'scan.pdf',
  ])
}

function transactionsOf(pool: Pool) {
  return async (work: (connection: PoolConnection) => Promise<unknown>): Promise<unknown> => {
    const connection = await pool.getConnection()
    try {
      await connection.beginTransaction()
      const result = await work(connection)
      await connection.commit()
      return result
    } catch (error) {
      await connection.rollback()
      throw error
    } finally {
      connection.release()
    }
  }
}

async function tellStories(database: TestMariadb): Promise<void> {
  const pool = mysql2.createPool({ uri: database.url })
  after(async () => {
    await pool.end()
    await database.drop()
  })
  await pool.query('create table race (user_id varchar(32) not null, name varchar(32) not null)')
  await pool.query(`create table document (
    id integer auto_increment primary key, user_id integer not null, document_type varchar(32) not null, document text not null)`)
  const db = fromMysql2(pool, { server, coalesce: false })
  const inTransaction = transactionsOf(pool)
  const sessions = mysql2Sessions(mysql2, { uri: database.url })

  testStory({
    name: 'mysql2, story 1',
    sessions,
    setup: () => pool.query('delete from race'),
    read: async () => (await pool.query<RowDataPacket[]>('select * from race'))[0],
    ways: {
      'select, then insert': () => getOrCreateRace(pool),
      'select, then insert, in a transaction': () => inTransaction(getOrCreateRace),
    },
    cure: () => pool.query(keySql(byUser, mariadb)),
    cured: {
      onerow: () => getOrCreate(db, byUser, race),
      'onerow in a transaction': () =>
        inTransaction((connection) => getOrCreate(fromMysql2(connection, { server }), byUser, race)),
    },
  })

  testStory({
    name: 'mysql2, story 2',
    sessions,
    setup: () => pool.query('delete from document'),
    read: () => find(pool, 'AADHAAR_CARD'),
    ways: {
      'a check in save(), then the insert': () => save(pool, 'AADHAAR_CARD'),
      'the same in a transaction': () => inTransaction((connection) => save(connection, 'AADHAAR_CARD')),
    },
    cure: async () => {
      // A generated column, and the index on it.
      for (const text of keySql(identityCard, mariadb).split(/;$/m)) if (text.trim()) await pool.query(text)
    },
    cured: {
      onerow: () => getOrCreate(db, identityCard, card),
      'onerow in a transaction': () =>
        inTransaction((connection) => getOrCreate(fromMysql2(connection, { server }), identityCard, card)),
    },
    free: { save: () => save(pool, 'SALARY_SLIP'), read: () => find(pool, 'SALARY_SLIP') },
  })
}

const database = await testMariadb({ name: 'race_stories' })
if (database) await tellStories(database)
else test('the stories on MariaDB', { skip: `MariaDB is not installed: ${installCommand.mariadb}` }, () => {})
