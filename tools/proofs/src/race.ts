import { table, uniqueKey } from 'onerow'

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

/** The user whose row it is about. */
export const userId = 7

/** The numbers of rows that no caller has made, so that they can be told apart. */
export const startId = -1
export const rivalId = -2

/** The statements of those who write them by hand. */
export const raceSql = {
  select: (from: Table) => `select id, name, visits from ${from} where user_id = ${userId}`,
  exists: (from: Table) => `select count(*) as others from ${from} where user_id = ${userId}`,
  insert: (into: Table, name: string) =>
    `insert into ${into} (user_id, name, visits) values (${userId}, '${name}', 1) returning id`,
  insertAs: (into: Table, id: number, name: string) =>
    `insert into ${into} (id, user_id, name, visits) values (${id}, ${userId}, '${name}', 0)`,
  setName: (of: Table, id: number, name: string) => `update ${of} set name = '${name}' where id = ${id}`,
  setVisits: (of: Table, id: number, visits: number) =>
    `update ${of} set visits = ${visits} where id = ${id}`,
  delete: (from: Table) => `delete from ${from} where user_id = ${userId}`,
  /** What a transaction does before the call: from here on it has a snapshot, where it keeps one. */
  readElsewhere: 'select entry from audit',
} as const
