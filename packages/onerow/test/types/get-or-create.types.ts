// Compiled, never run: each @ts-expect-error fails the build once the line below it compiles.
import { getOrCreate, lower, notNull, table, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { documents, identityCard } from './documents.ts'
import type { Document } from './documents.ts'

export async function lookups(db: Database) {
  const { row, created } = await getOrCreate(db, identityCard, {
    where: { userId: 7n, documentType: 'PAN_CARD' },
    create: { file: 'pan.pdf' },
  })
  row satisfies Document
  const stored: Document = row
  created satisfies boolean
  // @ts-expect-error the row has no such column
  void row.fiel

  await getOrCreate(db, identityCard, {
    // @ts-expect-error salary slips are outside the key's condition
    where: { userId: 7n, documentType: 'SALARY_SLIP' },
    create: { file: 'slip.pdf' },
  })
  await getOrCreate(db, identityCard, {
    // @ts-expect-error a key column is missing
    where: { userId: 7n },
    create: { file: 'pan.pdf' },
  })
  await getOrCreate(db, identityCard, {
    // @ts-expect-error `file` is not part of the key
    where: { userId: 7n, documentType: 'PAN_CARD', file: 'pan.pdf' },
    create: { file: 'pan.pdf' },
  })
  await getOrCreate(db, identityCard, {
    // @ts-expect-error NULL is never equal to NULL in this key
    where: { userId: null, documentType: 'PAN_CARD' },
    create: { file: 'pan.pdf' },
  })
  return stored
}

export async function newRows(db: Database) {
  const where = { userId: 7n, documentType: 'PAN_CARD' } as const
  await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf', deletedAt: null, note: 'front' } })
  await getOrCreate(db, identityCard, { where, create: { file: async () => 'pan.pdf', note: () => null } })
  await getOrCreate(db, identityCard, { where, create: () => ({ file: 'pan.pdf' }) })
  await getOrCreate(db, identityCard, { where, create: async () => ({ file: 'pan.pdf' }) })
  // @ts-expect-error the required column `file` is missing
  await getOrCreate(db, identityCard, { where, create: {} })
  // @ts-expect-error `create` is missing, and the row needs `file`
  await getOrCreate(db, identityCard, { where })
  // @ts-expect-error a deleted card is outside the key's condition
  await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf', deletedAt: new Date() } })
  // @ts-expect-error unknown column
  await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf', colour: 'red' } })
  // @ts-expect-error the key's columns come from `where`
  await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf', userId: 8n } })
  // @ts-expect-error a number is not a file name
  await getOrCreate(db, identityCard, { where, create: { file: 7 } })
  // @ts-expect-error nor is a function of one
  await getOrCreate(db, identityCard, { where, create: { file: async () => 7 } })
}

interface Task {
  readonly id: number
  readonly title: string
  readonly state: 'open' | 'done' | 'dropped'
  readonly externalId: string | null
  readonly team: string | null
  readonly starred: boolean
}

const tasks = table<Task, Omit<Task, 'id'>>('task', {
  columns: {
    id: 'id',
    title: 'title',
    state: 'state',
    externalId: 'external_id',
    team: 'team',
    starred: 'starred',
  },
})

export async function conditions(db: Database) {
  const alive = uniqueKey(tasks, ['title'], { name: 'task_alive', condition: { state: ['open', 'done'] } })
  const rest = { externalId: null, team: null, starred: false }
  await getOrCreate(db, alive, { where: { title: 'a' }, create: { ...rest, state: 'open' } })
  // @ts-expect-error the condition leaves a choice of states, so the caller must make it
  await getOrCreate(db, alive, { where: { title: 'a' }, create: rest })
  // @ts-expect-error a dropped task is outside the key's condition
  await getOrCreate(db, alive, { where: { title: 'a' }, create: { ...rest, state: 'dropped' } })

  const starred = uniqueKey(tasks, ['title'], { name: 'task_starred', condition: { starred: true } })
  const others = { externalId: null, team: null, state: 'open' } as const
  await getOrCreate(db, starred, { where: { title: 'a' }, create: others })
  await getOrCreate(db, starred, { where: { title: 'a' }, create: { ...others, starred: true } })
  // @ts-expect-error only starred tasks are in the key
  await getOrCreate(db, starred, { where: { title: 'a' }, create: { ...others, starred: false } })

  const external = uniqueKey(tasks, ['externalId'], { name: 'task_ext', condition: { externalId: notNull } })
  const task = { title: 'a', state: 'open', team: null, starred: false } as const
  await getOrCreate(db, external, { where: { externalId: 'x' }, create: task })
  // @ts-expect-error NULL is outside the key's condition
  await getOrCreate(db, external, { where: { externalId: null }, create: task })

  const byTeam = uniqueKey(tasks, ['title', 'team'], { name: 'task_team', nulls: 'equal' })
  const plain = { externalId: null, state: 'open', starred: false } as const
  await getOrCreate(db, byTeam, { where: { title: 'a', team: null }, create: plain })

  const byTitle = uniqueKey(tasks, [lower('title')], { name: 'task_title' })
  await getOrCreate(db, byTitle, { where: { title: 'A' }, create: { ...plain, team: null } })
  // @ts-expect-error the lookup needs the expression's column
  await getOrCreate(db, byTitle, { where: {}, create: { ...plain, team: null } })
}

export function definitions() {
  // @ts-expect-error a property of the row has no column
  table<Task>('task', { columns: { id: 'id', title: 'title' } })
  // @ts-expect-error unknown column in the key
  uniqueKey(documents, ['userId', 'kind'], { name: 'k' })
  // @ts-expect-error unknown column in an expression
  uniqueKey(documents, [lower('kind')], { name: 'k' })
  // @ts-expect-error a key needs a name
  uniqueKey(documents, ['userId'], {})
  // @ts-expect-error not a document type
  uniqueKey(documents, ['userId'], { name: 'k', condition: { documentType: ['PASSPORT'] } })
  // @ts-expect-error `file` is never null
  uniqueKey(documents, ['userId'], { name: 'k', condition: { file: null } })
}
