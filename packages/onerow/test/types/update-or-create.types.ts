// Compiled, never run: each @ts-expect-error fails the build once the line below it compiles.
import { createUnique, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { identityCard } from './documents.ts'
import type { Document } from './documents.ts'

const where = { userId: 7n, documentType: 'PAN_CARD' } as const

export async function updates(db: Database) {
  const { row, outcome } = await updateOrCreate(db, identityCard, { where, update: { file: 'a.pdf' } })
  const stored: Document = row
  outcome satisfies 'created' | 'updated' | 'unchanged'
  await updateOrCreate(db, identityCard, { where, update: { file: 'a.pdf' }, create: { note: 'first' } })
  await updateOrCreate(db, identityCard, { where, update: { file: 'a.pdf' }, create: { file: 'b.pdf' } })
  await updateOrCreate(db, identityCard, { where, update: { note: 'second' }, create: { file: 'b.pdf' } })
  await updateOrCreate(db, identityCard, { where, update: { file: async () => 'a.pdf' } })
  // @ts-expect-error neither `update` nor `create` gives the required `file`
  await updateOrCreate(db, identityCard, { where, update: { note: 'second' } })
  // @ts-expect-error a key column cannot be updated
  await updateOrCreate(db, identityCard, { where, update: { file: 'a.pdf', userId: 8n } })
  // @ts-expect-error unknown column
  await updateOrCreate(db, identityCard, { where, update: { file: 'a.pdf', colour: 'red' } })
  // @ts-expect-error an update cannot take the row out of the key's condition
  await updateOrCreate(db, identityCard, { where, update: { file: 'a.pdf', deletedAt: new Date() } })
  return stored
}

export async function functions(db: Database) {
  await updateOrCreate(db, identityCard, {
    where,
    update: (card) => ({ note: `${card.note ?? ''}+` }),
    create: { file: 'a.pdf' },
  })
  await updateOrCreate(db, identityCard, {
    where,
    update: async (card) => ({ file: card.file }),
    create: { file: 'a.pdf' },
  })
  // @ts-expect-error a function gives nothing for a new row, so `create` must give `file`
  await updateOrCreate(db, identityCard, { where, update: (card) => ({ file: card.file }) })
}

export async function unique(db: Database) {
  const card: Document = await createUnique(db, identityCard, { where, create: { file: 'a.pdf' } })
  // @ts-expect-error the required column `file` is missing
  await createUnique(db, identityCard, { where, create: {} })
  return card
}
