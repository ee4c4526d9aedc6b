import type { Answer } from '../stage/call-at-once.ts'
import { get } from '../stage/get.ts'
import type { Lookup, Queryable } from '../stage/get.ts'
import { openGate } from '../stage/interleave.ts'
import type { Gate } from '../stage/interleave.ts'
import type { NewDocument } from './documents.ts'
import { save } from './save.ts'

/** The team's own helper: get; if missing, create; if that is refused, get again. Right in shape. */
export async function teamGetOrCreate(
  client: Queryable,
  document: NewDocument,
  gate: Gate = openGate,
): Promise<Answer> {
  const found = await get(client, lookupOf(document))
  if (found) return { row: found, created: false }
  try {
    return { row: await save(client, document, gate), created: true }
  } catch (error) {
    // Without a constraint the database never refuses, and under a race the check in `save` does not either.
    const winner = await get(client, lookupOf(document))
    if (!winner) throw error
    return { row: winner, created: false }
  }
}

/** The lookup of "the" card of a user. */
export function lookupOf({ userId, documentType }: Pick<NewDocument, 'userId' | 'documentType'>): Lookup {
  return {
    model: 'Document',
    select:
      'select id, user_id, document_type, document from document where user_id = $1 and document_type = $2',
    where: [userId, documentType],
  }
}
