import { getOrCreate, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { PgOptions } from 'onerow/pg'
import { DatabaseError } from 'pg'
import type { Pool, PoolClient } from 'pg'

/** What a request does about its key. */
export interface FeralWay {
  readonly name: string
  readonly color: string
  /** Whether the table has the unique index. */
  readonly isUnique: boolean
  /** @returns whether it has made the row */
  readonly save: (pool: Pool, key: string) => Promise<boolean>
}

interface Entry {
  readonly id: number
  readonly key: string
  readonly value: string
}

const entries = table<Entry, Omit<Entry, 'id'>>('entry', {
  columns: { id: 'id', key: 'key', value: 'value' },
})
const entryKey = uniqueKey(entries, ['key'], { name: 'entry_key' })
const value = 'a value'

export const feralWays: readonly FeralWay[] = [
  {
    name: 'no check',
    color: '#888888',
    isUnique: false,
    save: (pool, key) => inTransaction(pool, (client) => insert(client, key)),
  },
  {
    name: 'application check',
    color: '#d4380d',
    isUnique: false,
    save: (pool, key) => inTransaction(pool, (client) => insertUnlessFound(client, key)),
  },
  {
    name: 'unique index, error caught',
    color: '#389e0d',
    isUnique: true,
    async save(pool, key) {
      try {
        return await inTransaction(pool, (client) => insertUnlessFound(client, key))
      } catch (error) {
        if (error instanceof DatabaseError && error.code === '23505') return false
        throw error
      }
    },
  },
  // Unless told not to, it sends the calls of one process for one key as one, and they would not meet in the database.
  { name: 'onerow, coalesce: false', color: '#0d47a1', isUnique: true, save: byOnerow({ coalesce: false }) },
  { name: 'onerow', color: '#1668dc', isUnique: true, save: byOnerow() },
]

/** As Rails saves a model: what it validates and what it writes is one transaction, at the default level. */
async function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<boolean>): Promise<boolean> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

/** As `validates :key, uniqueness: true` asks. */
async function insertUnlessFound(client: PoolClient, key: string): Promise<boolean> {
  const { rows } = await client.query('select 1 as one from entry where key = $1 limit 1', [key])
  return rows.length === 0 && insert(client, key)
}

async function insert(client: PoolClient, key: string): Promise<true> {
  await client.query('insert into entry (key, value) values ($1, $2) returning id', [key, value])
  return true
}

function byOnerow(options?: PgOptions): FeralWay['save'] {
  return async (pool, key) => {
    const { created } = await getOrCreate(fromPg(pool, options), entryKey, {
      where: { key },
      create: { value },
    })
    return created
  }
}
