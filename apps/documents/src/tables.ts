import { table } from 'onerow'

import type { DocumentType } from './document-types.ts'
import type { MediaType } from './media-type.ts'

export interface User {
  readonly id: number
  readonly name: string
  readonly createdAt: Date
}

export const users = table<User, Pick<User, 'name'>>('users', {
  schema: 'documents',
  columns: { id: 'id', name: 'name', createdAt: 'created_at' },
  primaryKey: ['id'],
})

/** What is known of a content. The bytes lie in a table of their own, so that a look at this one does not read them. */
export interface StoredFile {
  readonly sha256: string
  readonly mediaType: MediaType
  readonly size: number
}

export const files = table<StoredFile>('file', {
  schema: 'documents',
  columns: { sha256: 'sha256', mediaType: 'media_type', size: 'size' },
  primaryKey: ['sha256'],
})

export interface Document {
  readonly id: number
  readonly userId: number
  readonly documentType: DocumentType
  /** As the user called it. For display only: it is never a path. */
  readonly fileName: string
  /** Null once the document is removed. */
  readonly fileSha256: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

export interface NewDocument {
  readonly userId: number
  readonly documentType: DocumentType
  readonly fileName: string
  readonly fileSha256: string
  readonly updatedAt?: Date
  readonly deletedAt?: Date | null
}

export const documents = table<Document, NewDocument>('document', {
  schema: 'documents',
  columns: {
    id: 'id',
    userId: 'user_id',
    documentType: 'document_type',
    fileName: 'file_name',
    fileSha256: 'file_sha256',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
    deletedAt: 'deleted_at',
  },
  primaryKey: ['id'],
})
