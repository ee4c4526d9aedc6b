import type { Pool } from 'pg'

import type { MediaType } from './media-type.ts'
import type { Document, StoredFile } from './tables.ts'

/** A document on file. */
export type DocumentOnFile = Omit<Document, 'deletedAt' | 'fileSha256'> & StoredFile

/** What the user has on file, the oldest first. */
export async function documentsOf(pool: Pool, userId: number): Promise<readonly DocumentOnFile[]> {
  const { rows } = await pool.query<DocumentOnFile>(
    `
select d.id, d.user_id as "userId", d.document_type as "documentType", d.file_name as "fileName",
  d.created_at as "createdAt", d.updated_at as "updatedAt", f.sha256, f.media_type as "mediaType", f.size
from documents.document as d
join documents.file as f on f.sha256 = d.file_sha256
where d.user_id = $1 and d.deleted_at is null
order by d.id`,
    [userId],
  )
  return rows
}

export interface Download {
  readonly fileName: string
  readonly mediaType: MediaType
  readonly bytes: Buffer<ArrayBuffer>
}

/** The file of a document, or undefined when there is none. */
export async function downloadOf(pool: Pool, id: number): Promise<Download | undefined> {
  const { rows } = await pool.query<Download>(
    `
select d.file_name as "fileName", f.media_type as "mediaType", c.bytes
from documents.document as d
join documents.file as f on f.sha256 = d.file_sha256
join documents.file_content as c on c.sha256 = f.sha256
where d.id = $1 and d.deleted_at is null`,
    [id],
  )
  return rows[0]
}
