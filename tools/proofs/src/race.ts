import { keySql, table, uniqueKey } from 'onerow'
import type { Dialect } from 'onerow'

/** A row of the first story's table, and a count to add to. */
export interface Race {
  readonly id: number
  readonly userId: number
  readonly name: string
  readonly visits: number
}

interface NewRace {
  readonly userId: number
  readonly name: string
  readonly visits: number
}

const races = table<Race, NewRace>('race', {
  columns: { id: 'id', userId: 'user_id', name: 'name', visits: 'visits' },
  primaryKey: ['id'],
})

/** What onerow has learnt of a key it keeps with the key itself: a new one begins without. */
export const newKey = () => uniqueKey(races, ['userId'], { name: 'race_user_id' })

export type RaceKey = ReturnType<typeof newKey>

/** The same table without a unique index. */
export const looseTable = 'loose_race'

export type Table = 'race' | typeof looseTable

/** What makes the tables, and the one unique index. */
export const ddl = (dialect: Dialect, createTable: (name: Table) => string): readonly string[] => [
  createTable('race'),
  keySql(newKey(), dialect),
  createTable(looseTable),
  'create table audit (entry integer not null)',
]

/** The user whose row a call is about. */
export const userId = 7

/** The users whose rows a list is about. */
export const listedUsers: readonly number[] = [userId, 8]

/** The number of a row that no caller has made, so that it can be told apart. */
const foreignId = (user: number) => -user

/** The statements of those who write them by hand. */
export const raceSql = {
  all: (from: Table) => `select id, user_id, name, visits from ${from}`,
  select: (from: Table, user: number) => `select id, name, visits from ${from} where user_id = ${user}`,
  exists: (from: Table, user: number) => `select count(*) as others from ${from} where user_id = ${user}`,
  insert: (into: Table, user: number, name: string) =>
    `insert into ${into} (user_id, name, visits) values (${user}, '${name}', 1) returning id`,
  insertForeign: (into: Table, user: number, name: string) =>
    `insert into ${into} (id, user_id, name, visits) values (${foreignId(user)}, ${user}, '${name}', 0)`,
  setName: (of: Table, id: number, name: string) => `update ${of} set name = '${name}' where id = ${id}`,
  setVisits: (of: Table, id: number, visits: number) =>
    `update ${of} set visits = ${visits} where id = ${id}`,
  delete: (from: Table, user: number) => `delete from ${from} where user_id = ${user}`,
  /** What a transaction does before the call: from here on it has a snapshot, where it keeps one. */
  readElsewhere: 'select entry from audit',
} as const
