import { getOrCreate, type Database } from 'onerow'
import type { PoolClient } from 'pg'

import { fileContent } from './keys.ts'
import type { Upload } from './upload.ts'

/** An open transaction, at READ COMMITTED. */
export type Transaction = Database<PoolClient>

/**
 * Stores the content unless it is there already, and holds it there until the transaction ends.
 * Returns whether this transaction stored it.
 */
export async function storeFile(tx: Transaction, { sha256, mediaType, bytes }: Upload): Promise<boolean> {
  for (;;) {
    const { created } = await getOrCreate(tx, fileContent, {
      where: { sha256 },
      create: { mediaType, size: bytes.length },
    })
    if (created) {
      await tx.client.query('insert into documents.file_content (sha256, bytes) values ($1, $2)', [
        sha256,
        bytes,
      ])
      return true
    }
    // Its last user may be removing it at this moment. The lock that a foreign key takes stops that; or it is gone.
    const held = await tx.client.query('select from documents.file where sha256 = $1 for key share', [sha256])
    if (held.rowCount === 1) return false
  }
}

/** Removes the content if no document uses it any more. */
export async function removeUnusedFile(tx: Transaction, sha256: string): Promise<void> {
  // Two statements: the first waits for those who are about to use the file, so that the second sees what they did.
  await tx.client.query('select from documents.file where sha256 = $1 for update', [sha256])
  await tx.client.query(
    `
delete from documents.file
where sha256 = $1 and not exists (select from documents.document where file_sha256 = $1)`,
    [sha256],
  )
}
