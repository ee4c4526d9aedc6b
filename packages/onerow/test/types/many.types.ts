// Compiled, never run: each @ts-expect-error fails the build once the line below it compiles.
import { getOrCreateMany, updateOrCreateMany } from 'onerow'
import type { Database } from 'onerow'
import { identityCard } from './documents.ts'
import type { Document } from './documents.ts'

const where = { userId: 7n, documentType: 'PAN_CARD' } as const
const create = { file: 'pan.pdf' }

async function* calls() {
  yield { where, create }
}

export async function lists(db: Database) {
  const cards = await getOrCreateMany(db, identityCard, [
    { where, create },
    { where: { userId: 8n, documentType: 'AADHAAR_CARD' }, create: () => create },
  ])
  const documents: readonly Document[] = cards.map(({ row }) => row)
  await getOrCreateMany(db, identityCard, [], { signal: AbortSignal.timeout(1000) })
  // @ts-expect-error the required column `file` is missing
  await getOrCreateMany(db, identityCard, [{ where, create: {} }])
  // @ts-expect-error outside the key's condition
  await getOrCreateMany(db, identityCard, [{ where: { userId: 7n, documentType: 'SALARY_SLIP' }, create }])
  // @ts-expect-error a list is one transaction: there is nothing to run beside it
  await getOrCreateMany(db, identityCard, [{ where, create }], { parallel: 4 })
  return documents
}

export async function streams(db: Database) {
  const documents: Document[] = []
  for await (const { row, created } of getOrCreateMany(db, identityCard, calls(), {
    batch: 500,
    parallel: 2,
    onProgress: ({ done, created: made }) => console.log(done, made),
  }))
    if (created) documents.push(row)
  for await (const { outcome } of updateOrCreateMany(
    db,
    identityCard,
    new Set([{ where, update: { file: 'b.pdf' } }]),
  ))
    outcome satisfies 'created' | 'updated' | 'unchanged'
  // @ts-expect-error a stream's answer is read by `for await`
  await getOrCreateMany(db, identityCard, calls()).then(() => undefined)
  return documents
}

export async function updates(db: Database) {
  const done = await updateOrCreateMany(db, identityCard, [
    { where, update: { file: 'a.pdf' } },
    { where, update: { file: 'a.pdf' }, create: { note: 'first' } },
    { where, update: (card) => ({ note: `${card.note ?? ''}+` }), create },
  ])
  const documents: readonly Document[] = done.map(({ row }) => row)
  // @ts-expect-error neither `update` nor `create` gives the required `file`
  await updateOrCreateMany(db, identityCard, [{ where, update: { note: 'second' } }])
  // @ts-expect-error a key column cannot be updated
  await updateOrCreateMany(db, identityCard, [{ where, update: { file: 'a.pdf', userId: 8n } }])
  return documents
}
