import { table, uniqueKey } from 'onerow'

/** A row of the first story's table, and a count to add to. */
export interface Race {
  readonly id: number
  readonly userId: string
  readonly name: string
  readonly visits: number
}

interface NewRace {
  readonly userId: string
  readonly name: string
  readonly visits?: number
}

const races = table<Race, NewRace>('race', {
  columns: { id: 'id', userId: 'user_id', name: 'name', visits: 'visits' },
  primaryKey: ['id'],
})

export const raceKey = uniqueKey(races, ['userId'], { name: 'race_user_id' })

/** The first story's user. */
export const userId = 'c53b8ba212ef4f15b2365e1bb3d524fe'

/** The same table without a unique index. */
export const looseTable = 'loose_race'

/** The statements that sessions send besides onerow's. */
export const raceSql = {
  select: (table = 'race') =>
    `select id, user_id as "userId", name, visits from ${table} where user_id = '${userId}'`,
  insert: (name: string, table = 'race') =>
    `insert into ${table} (user_id, name) values ('${userId}', '${name}')`,
  delete: `delete from race where user_id = '${userId}'`,
  /** Another column than the callers' updates change, or an addition to the same one. */
  update: `update race set visits = visits + 10 where user_id = '${userId}'`,
  /** What the caller writes besides, in the same transaction. */
  insertAudit: 'insert into audit (entry) values (1)',
  selectAudit: 'select entry from audit',
} as const
