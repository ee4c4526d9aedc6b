// Compiled, never run: when the types of Sequelize drift away from what its adapter declares, the build fails here.
import { DataTypes, Model } from 'sequelize'
import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  ModelStatic,
  NonAttribute,
  Sequelize,
  Transaction,
} from 'sequelize'
import { createUnique, getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { fromSequelize, keyMethods, sequelizeTable } from 'onerow/sequelize'

export function sequelizeAdapter(sequelize: Sequelize, transaction: Transaction) {
  fromSequelize(sequelize) satisfies Database<Transaction>
  fromSequelize(transaction) satisfies Database<Transaction>
  fromSequelize(sequelize, { server: 'mariadb' })
  // @ts-expect-error no such server
  fromSequelize(sequelize, { server: 'postgres' })
  // @ts-expect-error neither a Sequelize nor a Transaction
  fromSequelize({})
}

class Document extends Model<InferAttributes<Document>, InferCreationAttributes<Document>> {
  declare id: CreationOptional<number>
  declare userId: number
  declare documentType: 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'
  declare file: string
  declare note: string | null
  declare createdAt: CreationOptional<Date>
  declare deletedAt: CreationOptional<Date | null>

  get title(): NonAttribute<string> {
    return this.file
  }
}

const documents = sequelizeTable(Document)
const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
})

export function keys() {
  // @ts-expect-error no such attribute
  uniqueKey(documents, ['user'], { name: 'x' })
  // @ts-expect-error no such document type
  uniqueKey(documents, ['userId'], { name: 'x', condition: { documentType: 'PASSPORT' } })
  // @ts-expect-error not a model
  sequelizeTable({})
}

export async function calls(db: Database) {
  const where = { userId: 7, documentType: 'PAN_CARD' } as const
  const { row } = await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf' } })
  row satisfies Document
  row.title satisfies string
  await row.update({ note: 'x' })
  const made = await createUnique(db, identityCard, { where, create: { file: 'pan.pdf', note: 'x' } })
  made satisfies Document
  await updateOrCreate(db, identityCard, { where, update: ({ file }) => ({ file }), create: { file: 'x' } })

  const outside = { userId: 7, documentType: 'SALARY_SLIP' } as const
  // @ts-expect-error outside the key's condition
  await getOrCreate(db, identityCard, { where: outside, create: { file: 'x' } })
  // @ts-expect-error `file` is required
  await getOrCreate(db, identityCard, { where, create: {} })
  // @ts-expect-error `file` is a string
  await getOrCreate(db, identityCard, { where, create: { file: 1 } })
  // @ts-expect-error outside the condition
  await getOrCreate(db, identityCard, { where, create: { file: 'x', deletedAt: new Date() } })
  // @ts-expect-error `userId` is of the key
  await updateOrCreate(db, identityCard, { where, update: { userId: 8 }, create: { file: 'x' } })
  // @ts-expect-error no attribute, so no value to store
  await getOrCreate(db, identityCard, { where, create: { file: 'x', title: 'x' } })
}

export async function methods(transaction: Transaction) {
  const where = { userId: 7, documentType: 'PAN_CARD' } as const
  const IdentityCard = Object.assign(Document, keyMethods(identityCard))
  const { row } = await IdentityCard.getOrCreate({ where, create: { file: 'x' }, transaction })
  row satisfies Document
  await IdentityCard.updateOrCreate({ where, update: { file: 'x' }, transaction })
  await IdentityCard.updateOrCreate({ where, update: (card) => ({ file: card.file }), create: { file: 'x' } })
  await IdentityCard.findOne({ where, transaction })
  // @ts-expect-error not a transaction
  await IdentityCard.createUnique({ where, create: { file: 'x' }, transaction: {} })
}

// Attributes that the class does not declare.
class Account extends Model<{ id: number; email: string }, { email: string }> {}

export async function undeclared(db: Database, Defined: ModelStatic<Account>) {
  const key = uniqueKey(sequelizeTable(Defined), ['email'], { name: 'account_email' })
  const { row } = await getOrCreate(db, key, { where: { email: 'a' } })
  row satisfies Account
  row.email satisfies string
  // @ts-expect-error no such attribute
  uniqueKey(sequelizeTable(Defined), ['mail'], { name: 'account_email' })
}

export async function untyped(db: Database, sequelize: Sequelize) {
  const key = uniqueKey(sequelizeTable(sequelize.define('tag', { word: DataTypes.STRING })), ['word'], {
    name: 'tag_word',
  })
  await getOrCreate(db, key, { where: { word: 'x' } })
}
