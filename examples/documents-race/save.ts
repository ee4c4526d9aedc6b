import type { Queryable, Row } from '../stage/get.ts'
import { insert } from '../stage/insert.ts'
import { openGate } from '../stage/interleave.ts'
import type { Gate } from '../stage/interleave.ts'
import { RefusedError } from '../stage/refused-error.ts'
import type { DocumentType, NewDocument } from './documents.ts'

const identityCards: ReadonlySet<DocumentType> = new Set(['AADHAAR_CARD', 'PAN_CARD'] as const)

/** The model's `save()`, which guards the rule in application code. `gate` stands for whatever happens in between. */
export async function save(
  client: Queryable,
  { userId, documentType, document }: NewDocument,
  gate: Gate = openGate,
): Promise<Row> {
  if (identityCards.has(documentType)) {
    const { rows } = await client.query(
      'select id from document where user_id = $1 and document_type = $2 limit 1',
      [userId, documentType],
    )
    if (rows.length > 0) throw new RefusedError('Not allowed')
  }
  await gate()
  return insert(
    client,
    'insert into document (user_id, document_type, document) values ($1, $2, $3) returning id',
    [userId, documentType, document],
  )
}
