import { transaction, updateOrCreate, type UpdateOrCreateResult } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'

import type { IdentityCardType } from './document-types.ts'
import { identityCard } from './keys.ts'
import { removeUnusedFile, storeFile } from './store-file.ts'
import type { Document } from './tables.ts'
import type { Upload } from './upload.ts'

export interface IdentityCardToPut {
  readonly userId: number
  readonly documentType: IdentityCardType
  readonly upload: Upload
}

/** Makes the upload the user's card of this type, whether there is one already or not. */
export function putIdentityCard(
  pool: Pool,
  { userId, documentType, upload }: IdentityCardToPut,
): Promise<UpdateOrCreateResult<Document>> {
  const { fileName, sha256 } = upload
  return transaction(
    fromPg(pool),
    async (tx) => {
      const replaced: string[] = []
      const result = await updateOrCreate(tx, identityCard, {
        where: { userId, documentType },
        update: async (current) => {
          if (current.fileSha256 === sha256 && current.fileName === fileName) return {}
          await storeFile(tx, upload)
          if (current.fileSha256 !== null) replaced.push(current.fileSha256)
          return { fileName, fileSha256: sha256, updatedAt: new Date() }
        },
        create: async () => {
          await storeFile(tx, upload)
          return { fileName, fileSha256: sha256 }
        },
      })
      for (const old of replaced) await removeUnusedFile(tx, old)
      return result
    },
    { isolation: 'read committed' },
  )
}

/** Replaces the file of a document of any type. Returns the document, or undefined when there is none. */
export function replaceFile(pool: Pool, id: number, upload: Upload): Promise<Document | undefined> {
  return transaction(
    fromPg(pool),
    async (tx) => {
      const { rows: current } = await tx.client.query<{ readonly sha256: string }>(
        'select file_sha256 as sha256 from documents.document where id = $1 and deleted_at is null for no key update',
        [id],
      )
      if (!current[0]) return undefined
      await storeFile(tx, upload)
      const { rows } = await tx.client.query<Document>(
        `
update documents.document
set file_name = $2, file_sha256 = $3, updated_at = now()
where id = $1
returning id, user_id as "userId", document_type as "documentType", file_name as "fileName",
  file_sha256 as "fileSha256", created_at as "createdAt", updated_at as "updatedAt", deleted_at as "deletedAt"`,
        [id, upload.fileName, upload.sha256],
      )
      await removeUnusedFile(tx, current[0].sha256)
      return rows[0]
    },
    { isolation: 'read committed' },
  )
}
