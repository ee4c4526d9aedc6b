import { mediaTypes, type MediaType } from './media-type.ts'
import { printable } from './printable.ts'

/** In UTF-16 code units, without the ending. */
const longest = 120

/**
 * The name to show for an uploaded file, and to download it by: without folders and unprintable characters, and
 * with an ending that agrees with the content, so that a browser never saves a page or a program.
 */
export function displayName(given: string, mediaType: MediaType): string {
  const lastPart = given.split(/[/\\]/).at(-1) ?? ''
  const name = printable(lastPart).replace(/^[.\s]+/, '')
  const { extensions } = mediaTypes[mediaType]
  const extension = extensions.find((ending) => name.toLowerCase().endsWith(ending))
  const stem = extension === undefined ? name : name.slice(0, -extension.length)
  // Cut within a surrogate pair, half of it would be left.
  const short = (stem || 'document').slice(0, longest).replace(/[\ud800-\udbff]$/, '')
  return short + (extension ?? extensions[0])
}

/** A Content-Disposition that makes a browser save the file: RFC 6266, with the name in RFC 8187's encoding beside a plain one. */
export function attachment(fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  const encoded = encodeURIComponent(fileName).replaceAll(/['()*]/g, percentEncoded)
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
