import { times } from './sqlite-text.ts'

/** The statements that one writes by hand, with one placeholder for each value. */
export const mariadbText = {
  find: 'select id, owner, kind, label from item where owner = ? and kind = ?',
  insert: 'insert into item (owner, kind, label) values (?, ?, ?) returning id, owner, kind, label',
  findAll: (count: number) =>
    `select id, owner, kind, label from item where (owner, kind) in (${times('(?, ?)', count)})`,
  insertAll: (count: number) =>
    `insert into item (owner, kind, label) values ${times('(?, ?, ?)', count)} returning id, owner, kind, label`,
} as const

/** Undefined in place of a duplicate key's error. */
export async function unlessThere<Row>(insert: Promise<Row>): Promise<Row | undefined> {
  try {
    return await insert
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === 1062) return undefined
    throw error
  }
}
