import type { ClientBase } from 'pg'
import type { KeyRows } from './get-or-create.ts'

const findOrInsert = `
with onerow_found as (
select id from race where user_id = $1 limit 2
), onerow_inserted as (
insert into race (user_id)
select $1
where not exists (select from onerow_found)
on conflict (user_id) do nothing
returning id
)
select *, 'found' as onerow from onerow_found
union all
select *, 'created' from onerow_inserted`

const insert = `
insert into race (user_id)
select $1
from (select not exists (select from race where user_id = $1) as onerow_free) as onerow_lookup
where onerow_free
on conflict (user_id) do nothing
returning id`

/** onerow's statements on PostgreSQL. */
export function postgresRows(client: ClientBase, userId: number): KeyRows {
  const one = async (text: string) => (await client.query<{ id: number }>(text, [userId])).rows[0]?.id
  return {
    findOrInsert: () => one(findOrInsert),
    find: () => one('select id from race where user_id = $1 limit 2'),
    insert: () => one(insert),
  }
}
