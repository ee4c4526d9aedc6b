import { types } from 'node:util'
import { codeOf, withCode } from './error-kind.ts'
import { isError } from './is-error.ts'

/** For a person to read: one line, in which nothing can move a terminal's cursor. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}|\p{Cf}|\p{Cs}/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
    .trim()
}

/** Its beginning, of so many signs at most. */
export function cut(text: string, most: number): string {
  const signs = Array.from(text)
  return signs.length > most ? `${signs.slice(0, most - 1).join('')}…` : text
}

/** A value as SQL would write it; the beginning of a long one. */
export function shortValue(value: unknown, most = 40): string {
  if (typeof value === 'string') return `'${cut(oneLine(value.replaceAll("'", "''")), most)}'`
  if (types.isDate(value)) return `'${Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()}'`
  if (ArrayBuffer.isView(value)) return `'\\x${cut(hexOf(value), most)}'`
  if (typeof value === 'object' && value !== null) return `'${cut(oneLine(jsonOf(value)), most)}'`
  return String(value)
}

/** A row that was read: its columns and their values. */
export function shortRow(row: unknown): string {
  if (Array.isArray(row)) return row.map((value) => shortValue(value)).join(', ')
  if (typeof row !== 'object' || row === null) return shortValue(row)
  return Object.entries(row)
    .map(([name, value]) => `${oneLine(name)}: ${shortValue(value)}`)
    .join(', ')
}

/** What an error says first, with the database's code for it. */
export function shortError(error: unknown): string {
  const text = isError(error) ? error.message || error.name : String(error)
  const code = typeof error === 'object' && error !== null ? codeOf(error) : undefined
  return oneLine(withCode(code, text.trim().replace(/\n[^]*/, '')))
}

/** Breaks a text into lines between its words; of many lines the first and the last. */
export function wrap(text: string, width: number, most: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ').flatMap((each) => pieces(each, width - 2))) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(line === undefined ? word : `  ${word}`)
  }
  if (lines.length <= most) return lines
  const ending = Math.floor((most - 1) / 2)
  return [...lines.slice(0, most - 1 - ending), '  …', ...lines.slice(lines.length - ending)]
}

function pieces(word: string, width: number): readonly string[] {
  const signs = Array.from(word)
  const count = Math.max(1, Math.ceil(signs.length / width))
  return Array.from({ length: count }, (_, index) => signs.slice(index * width, (index + 1) * width).join(''))
}

function hexOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}

/** JSON cannot say how large a whole number is; here nobody reads it again. */
function jsonOf(value: object): string {
  // Its types do not tell that it answers undefined for what has a toJSON that does.
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  ) as string | undefined
  return text ?? 'undefined'
}
