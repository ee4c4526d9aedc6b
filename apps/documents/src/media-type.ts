import { fileTypeFromBuffer } from 'file-type'

/** What may be uploaded: the media type, the name that people use, and the endings that its files have. */
export const mediaTypes = {
  'application/pdf': { name: 'PDF', extensions: ['.pdf'] },
  'image/jpeg': { name: 'JPEG', extensions: ['.jpg', '.jpeg'] },
  'image/png': { name: 'PNG', extensions: ['.png'] },
} as const

export type MediaType = keyof typeof mediaTypes

/** What the content is, whatever its name says; undefined when nothing is known of it. */
export async function contentType(bytes: Uint8Array): Promise<string | undefined> {
  const type = await fileTypeFromBuffer(bytes)
  return type?.mime
}

export function isMediaType(type: string | undefined): type is MediaType {
  return type !== undefined && Object.hasOwn(mediaTypes, type)
}
