import { getOrCreate, type GetOrCreateResult } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'
import { z } from 'zod'

import { userName } from './keys.ts'
import { printable } from './printable.ts'
import { Problem } from './problem.ts'
import type { User } from './tables.ts'

const newUser = z.object({
  name: z.string().transform(printable).pipe(z.string().min(1).max(80)),
})

export async function readUsers(pool: Pool): Promise<readonly User[]> {
  const { rows } = await pool.query<User>(
    'select id, name, created_at as "createdAt" from documents.users order by lower(name)',
  )
  return rows
}

/** @throws Problem `no-such-user` */
export async function requireUser(pool: Pool, id: number): Promise<void> {
  const { rowCount } = await pool.query('select from documents.users where id = $1', [id])
  if (rowCount === 0) throw new Problem('no-such-user')
}

/** The user of this name, made if there is none. */
export async function addUser(pool: Pool, given: unknown): Promise<GetOrCreateResult<User>> {
  const { data } = newUser.safeParse(given)
  if (!data) throw invalidName()
  return getOrCreate(fromPg(pool), userName, { where: { name: data.name } })
}

export function invalidName(): Problem {
  return new Problem('invalid-name', 'Give a name of 1 to 80 printable characters.')
}
