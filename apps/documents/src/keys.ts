import { lower, uniqueKey } from 'onerow'

import { identityCardTypes } from './document-types.ts'
import { documents, files, users } from './tables.ts'

/** A user has one card of each type; a removed card frees the key. */
export const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: identityCardTypes, deletedAt: null },
  message: 'This user already has a document of this type.',
})

/** Each content is stored once, whoever uploads it and however often. */
export const fileContent = uniqueKey(files, ['sha256'], { name: 'file_pkey' })

/** "Asha Rao" and "asha rao" are one user. */
export const userName = uniqueKey(users, [lower('name')], { name: 'unique_user_name' })

/** Every key that the code relies on: the service does not start unless the database enforces them all. */
export const keys = [identityCard, fileContent, userName] as const
