import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Bug, KeyRows } from './get-or-create.ts'

const find = 'select id from race force index (race_user_id) where user_id = ?'

/** onerow's statements on MariaDB. */
export function mariadbRows(connection: Connection, userId: number, bug?: Bug): KeyRows {
  const one = async (text: string): Promise<number | undefined> => {
    const [rows] = await connection.execute<RowDataPacket[]>(text, [userId])
    const id: unknown = rows[0]?.['id']
    return id === undefined ? undefined : Number(id)
  }
  return {
    find: () => one(`${find} limit 2`),
    insert: () => one('insert into race (user_id) values (?) returning id').catch(refusedByRival),
    findCurrent: () => one(bug === 'plain re-read' ? find : `${find} lock in share mode`),
  }
}

function refusedByRival(error: unknown): undefined {
  if (error instanceof Error && 'errno' in error && error.errno === 1062) return undefined
  throw error
}
