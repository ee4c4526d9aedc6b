import { createHash } from 'node:crypto'

import { z } from 'zod'

import { documentTypeCodes, type DocumentType } from './document-types.ts'
import { displayName } from './file-name.ts'
import { contentType, isMediaType, type MediaType } from './media-type.ts'
import { Problem } from './problem.ts'

/** In bytes. */
export const fileLimit = 10 * 1024 * 1024

/** In bytes: a file, and what multipart/form-data wraps around it. */
export const bodyLimit = fileLimit + 64 * 1024

/** An uploaded file that has passed every check. */
export interface Upload {
  readonly bytes: Uint8Array
  readonly sha256: string
  readonly mediaType: MediaType
  readonly fileName: string
}

const file = z.file({ error: 'missing-file' })
const documentType = z.enum(documentTypeCodes, { error: 'no-such-document-type' })

/** The upload in a form with a `file`. */
export async function readUpload(request: Request): Promise<Upload> {
  const form = await readForm(request)
  return checkedUpload(form.get('file'))
}

/** The upload in a form with a `file` and a `documentType`. */
export async function readDocumentUpload(
  request: Request,
): Promise<{ readonly documentType: DocumentType; readonly upload: Upload }> {
  const form = await readForm(request)
  return {
    documentType: checkedDocumentType(form.get('documentType')),
    upload: await checkedUpload(form.get('file')),
  }
}

export function checkedDocumentType(given: unknown): DocumentType {
  const { data } = documentType.safeParse(given)
  if (data === undefined)
    throw new Problem('no-such-document-type', `The document types are ${documentTypeCodes.join(', ')}.`)
  return data
}

async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData()
  } catch {
    throw new Problem('malformed-request', 'Send the file as multipart/form-data, in a field named "file".')
  }
}

async function checkedUpload(given: unknown): Promise<Upload> {
  const { data } = file.safeParse(given)
  // A form whose file was not chosen sends an empty one without a name.
  if (!data || (data.size === 0 && data.name === '')) throw new Problem('missing-file')
  if (data.size === 0) throw new Problem('empty-file')
  if (data.size > fileLimit) throw tooLarge()
  const bytes = new Uint8Array(await data.arrayBuffer())
  const mediaType = await contentType(bytes)
  if (!isMediaType(mediaType)) throw wrongContent(mediaType)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { bytes, sha256, mediaType, fileName: displayName(data.name, mediaType) }
}

export function tooLarge(): Problem {
  return new Problem('too-large', 'The file is larger than 10 MB.')
}

function wrongContent(mediaType: string | undefined): Problem {
  const found = mediaType === undefined ? '' : ` It is ${mediaType}.`
  return new Problem('wrong-content', `The file is not a PDF, JPEG or PNG, whatever its name says.${found}`)
}
