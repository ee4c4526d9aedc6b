import { table, uniqueKey } from 'onerow'

export type DocumentType = 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'

export interface Document {
  readonly id: bigint
  readonly userId: bigint
  readonly documentType: DocumentType
  readonly file: string
  readonly note: string | null
  readonly deletedAt: Date | null
}

export interface NewDocument {
  readonly userId: bigint
  readonly documentType: DocumentType
  readonly file: string
  readonly note?: string | null
  readonly deletedAt?: Date | null
}

export const documents = table<Document, NewDocument>('document', {
  columns: {
    id: 'id',
    userId: 'user_id',
    documentType: 'document_type',
    file: 'file',
    note: 'note',
    deletedAt: 'deleted_at',
  },
  primaryKey: ['id'],
})

export const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
  message: 'This user already has a document of this type.',
})
