import { after } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { pgSessions } from '@onerow/race/pg'
import { and, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { getOrCreate, keySql, uniqueKey } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import pg from 'pg'
import { testStory } from './story-tests.ts'

const database = await testDatabase({ name: 'race_stories_drizzle' })
const pool = new pg.Pool({ connectionString: database.url })
const db = drizzle(pool)
const onerow = fromDrizzle(db, { coalesce: false })
const sessions = pgSessions(pg, { connectionString: database.url })
after(async () => {
  await pool.end()
  await database.drop()
})

await pool.query(`
create table race (user_id varchar(32) not null, name varchar(32) not null);
create table document (
  id integer generated always as identity primary key, user_id integer not null, document_type text not null, document text not null
)`)

const races = pgTable(
  'race',
  { userId: varchar('user_id', { length: 32 }).notNull(), name: varchar({ length: 32 }).notNull() },
  (race) => [uniqueIndex('race_user_id').on(race.userId)],
)
const byUser = uniqueKey(drizzleTable(races), ['userId'], { name: 'race_user_id' })
const userId = 'c53b8ba212ef4f15b2365e1bb3d524fe'
const race = { where: { userId }, create: { name: 'foo' } }
type Db = Pick<typeof db, 'select' | 'insert'>

async function getOrCreateRace(tx: Db) {
  const [found] = await tx.select().from(races).where(eq(races.userId, userId))
  if (found) return found
  const [made] = await tx.insert(races).values({ userId, name: 'foo' }).returning()
  return made
}

testStory({
  name: 'Drizzle, story 1',
  sessions,
  setup: () => pool.query('delete from race'),
  read: () => db.select().from(races),
  ways: {
    'select, then insert': () => getOrCreateRace(db),
    'select, then insert, in db.transaction': () => db.transaction(getOrCreateRace),
  },
  cure: () => pool.query(keySql(byUser, onerow.dialect)),
  cured: {
    onerow: () => getOrCreate(onerow, byUser, race),
    'onerow in db.transaction': () => db.transaction((tx) => getOrCreate(fromDrizzle(tx), byUser, race)),
  },
})

const documents = pgTable(
  'document',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    userId: integer('user_id').notNull(),
    documentType: text('document_type', { enum: ['AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP'] }).notNull(),
    document: text().notNull(),
  },
  (document) => [
    uniqueIndex('unique_user_unique_document_type')
      .on(document.userId, document.documentType)
      .where(sql`document_type in ('AADHAAR_CARD', 'PAN_CARD')`),
  ],
)
const identityCard = uniqueKey(drizzleTable(documents), ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'] },
})
const card = { where: { userId: 7, documentType: 'AADHAAR_CARD' }, create: { document: 'scan.pdf' } } as const
type DocumentType = (typeof documents.$inferSelect)['documentType']

const find = (tx: Db, documentType: DocumentType) =>
  tx
    .select()
    .from(documents)
    .where(and(eq(documents.userId, 7), eq(documents.documentType, documentType)))

/** Guards the rule in the application. */
async function save(tx: Db, documentType: DocumentType) {
  if (documentType !== 'SALARY_SLIP' && (await find(tx, documentType)).length > 0)
    throw new Error('Not allowed')
  return tx.insert(documents).values({ userId: 7, documentType, document: 'scan.pdf' }).returning()
}

testStory({
  name: 'Drizzle, story 2',
  sessions,
  setup: () => db.delete(documents),
  read: () => find(db, 'AADHAAR_CARD'),
  ways: {
    'a check in save(), then the insert': () => save(db, 'AADHAAR_CARD'),
    'the same in db.transaction': () => db.transaction((tx) => save(tx, 'AADHAAR_CARD')),
  },
  cure: () => pool.query(keySql(identityCard, onerow.dialect)),
  cured: {
    onerow: () => getOrCreate(onerow, identityCard, card),
    'onerow in db.transaction': () =>
      db.transaction((tx) => getOrCreate(fromDrizzle(tx), identityCard, card)),
  },
  free: { save: () => save(db, 'SALARY_SLIP'), read: () => find(db, 'SALARY_SLIP') },
})
