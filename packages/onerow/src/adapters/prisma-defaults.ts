import { isCall } from './prisma-schema.ts'
import type { SchemaValue } from './prisma-schema.ts'

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyz'
const base36 = digits + letters
/** Crockford's, as ULID has it: without I, L, O and U. */
const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const base64url = `${digits}${letters}${letters.toUpperCase()}_-`

/**
 * What Prisma's engine makes itself for a new row, so that the database has no default for it. The names are its functions; each
 * gets the function's argument.
 */
const generators: Readonly<Record<string, (argument: SchemaValue | undefined) => unknown>> = {
  now: () => new Date(),
  uuid: (version) => (version === 7 ? uuid7() : crypto.randomUUID()),
  cuid: (version) =>
    version === 2
      ? random(letters, 1) + random(base36, 23)
      : `c${Date.now().toString(36).padStart(8, '0')}${random(base36, 16)}`,
  ulid: () => inBase32(Date.now()) + random(base32, 16),
  nanoid: (length) => random(base64url, typeof length === 'number' ? length : 21),
}

/** How to make what `@default(…)` says; undefined where the database does. */
export function generatorOf(
  byDefault: SchemaValue | undefined,
  type: string,
  isEnum: boolean,
): (() => unknown) | undefined {
  if (!isCall(byDefault)) {
    const literals = Array.isArray(byDefault) ? byDefault : [byDefault]
    return literals.every((literal) => isValue(literal, type, isEnum)) ? () => byDefault : undefined
  }
  const { call, args } = byDefault
  const generator = Object.hasOwn(generators, call) ? generators[call] : undefined
  return generator && (() => generator(args.get(0)))
}

/**
 * Whether what stands in the schema is the field's value. Of Json and Bytes it is a spelling, and a Decimal may have more digits
 * than a number: these are the database's to make, which has the same default by Prisma's migrations.
 */
function isValue(literal: unknown, type: string, isEnum: boolean): boolean {
  if (literal === undefined) return false
  if (type === 'BigInt') return Number.isSafeInteger(literal)
  return isEnum || ['String', 'Boolean', 'Int', 'Float', 'DateTime'].includes(type)
}

function random(alphabet: string, length: number): string {
  const numbers = crypto.getRandomValues(new Uint32Array(length))
  return Array.from(numbers, (number) => alphabet[number % alphabet.length]).join('')
}

function inBase32(milliseconds: number): string {
  return Array.from(
    { length: 10 },
    (_, index) => base32[Math.floor(milliseconds / 32 ** (9 - index)) % 32],
  ).join('')
}

/** RFC 9562, 5.7: 48 bits of time before the random ones. */
function uuid7(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
