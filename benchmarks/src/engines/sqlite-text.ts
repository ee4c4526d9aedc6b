/** What applications that care for both speed and their data choose; `synchronous = normal` loses nothing but to a power cut. */
export const sqliteSettings = 'pragma journal_mode = wal; pragma synchronous = normal'

/** The statements that one writes by hand, with one placeholder for each value. */
export const sqliteText = {
  find: 'select id, owner, kind, label from item where owner = ? and kind = ?',
  insert: 'insert into item (owner, kind, label) values (?, ?, ?) returning id, owner, kind, label',
  insertUnlessThere:
    'insert into item (owner, kind, label) values (?, ?, ?) on conflict (owner, kind) do nothing returning id, owner, kind, label',
  findAll: (count: number) =>
    `select id, owner, kind, label from item where (owner, kind) in (values ${times('(?, ?)', count)})`,
  insertAll: (count: number) =>
    `insert into item (owner, kind, label) values ${times('(?, ?, ?)', count)} returning id, owner, kind, label`,
} as const

export function times(text: string, count: number): string {
  return Array.from({ length: count }, () => text).join(', ')
}
