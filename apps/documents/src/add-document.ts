import { createUnique, getOrCreate, transaction, type GetOrCreateResult } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'

import { isIdentityCardType, type DocumentType, type IdentityCardType } from './document-types.ts'
import { identityCard } from './keys.ts'
import { removeUnusedFile, storeFile, type Transaction } from './store-file.ts'
import type { Document } from './tables.ts'
import type { Upload } from './upload.ts'

export interface DocumentToAdd<Type extends DocumentType = DocumentType> {
  readonly userId: number
  readonly documentType: Type
  readonly upload: Upload
  /** Refuse a second identity card, instead of answering with the one that is there. */
  readonly strict: boolean
}

/**
 * Files a document, in one transaction with its content. Of an identity card that is there already nothing is
 * stored: it is answered, or with `strict` thrown as an `AlreadyExistsError`.
 */
export function addDocument(pool: Pool, document: DocumentToAdd): Promise<GetOrCreateResult<Document>> {
  return transaction(
    fromPg(pool),
    (tx) => (isIdentityCard(document) ? addIdentityCard(tx, document) : addOneOfMany(tx, document)),
    { isolation: 'read committed' },
  )
}

function isIdentityCard(document: DocumentToAdd): document is DocumentToAdd<IdentityCardType> {
  return isIdentityCardType(document.documentType)
}

async function addIdentityCard(
  tx: Transaction,
  { userId, documentType, upload, strict }: DocumentToAdd<IdentityCardType>,
): Promise<GetOrCreateResult<Document>> {
  let stored = false
  const values = {
    where: { userId, documentType },
    // Called only when there is no card, so that the usual answer of a repeated upload stores no content.
    create: async () => {
      stored = await storeFile(tx, upload)
      return { fileName: upload.fileName, fileSha256: upload.sha256 }
    },
  }
  if (strict) return { row: await createUnique(tx, identityCard, values), created: true }
  const result = await getOrCreate(tx, identityCard, values)
  // A rival was faster after all. A content that was there before is not ours to remove.
  if (!result.created && stored) await removeUnusedFile(tx, upload.sha256)
  return result
}

async function addOneOfMany(
  tx: Transaction,
  { userId, documentType, upload }: DocumentToAdd,
): Promise<GetOrCreateResult<Document>> {
  await storeFile(tx, upload)
  const { rows } = await tx.client.query<Document>(
    `
insert into documents.document (user_id, document_type, file_name, file_sha256)
values ($1, $2, $3, $4)
returning id, user_id as "userId", document_type as "documentType", file_name as "fileName",
  file_sha256 as "fileSha256", created_at as "createdAt", updated_at as "updatedAt", deleted_at as "deletedAt"`,
    [userId, documentType, upload.fileName, upload.sha256],
  )
  return { row: rows[0] as Document, created: true } // an INSERT of one row returns one
}
