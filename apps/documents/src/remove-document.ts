import { transaction } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'

import { removeUnusedFile } from './store-file.ts'

/**
 * Removes a document: its record stays, marked as deleted, which frees an identity card's key; its content goes,
 * unless another document has the same. Returns whether there was one.
 */
export function removeDocument(pool: Pool, id: number): Promise<boolean> {
  // A rival that holds the file and waits for the document makes a deadlock: the transaction is run again.
  return transaction(
    fromPg(pool),
    async (tx) => {
      const { rows } = await tx.client.query<{ readonly sha256: string }>(
        'select file_sha256 as sha256 from documents.document where id = $1 and deleted_at is null for update',
        [id],
      )
      if (!rows[0]) return false
      await tx.client.query(
        'update documents.document set deleted_at = now(), updated_at = now(), file_sha256 = null where id = $1',
        [id],
      )
      await removeUnusedFile(tx, rows[0].sha256)
      return true
    },
    { isolation: 'read committed' },
  )
}
