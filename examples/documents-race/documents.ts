import { keySql, table, uniqueKey } from 'onerow'
import { postgres } from 'onerow/postgres'
import type { Queryable } from '../stage/get.ts'

export type DocumentType = 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'

export interface Document {
  readonly id: number
  readonly userId: number
  readonly documentType: DocumentType
  readonly document: string
}

export type NewDocument = Omit<Document, 'id'>

const documents = table<Document, NewDocument>('document', {
  columns: { id: 'id', userId: 'user_id', documentType: 'document_type', document: 'document' },
})

/** A user has one card of each kind, and any number of salary slips. */
export const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'] },
  message: 'This user already has a document of this type.',
})

/** Creates the table as the team had it: nothing in it is unique but the id. */
export async function createTable(client: Queryable): Promise<void> {
  await client.query(`
    create table document (
      id int generated always as identity primary key,
      user_id int not null,
      document_type text not null,
      document text not null
    )`)
}

/** The cure. Empties the table first, for no unique index can be made over two equal cards. */
export async function enforceKey(client: Queryable): Promise<void> {
  await client.query('truncate document')
  await client.query(keySql(identityCard, postgres))
}
