/**
 * A value as PostgreSQL's SQL writes it, in quotes whatever it is: as with a parameter, PostgreSQL then decides by the place it
 * stands in what type it has. The texts are those that `pg` sends.
 */
export function literalOf(value: unknown): string {
  return value === null || value === undefined ? 'null' : quoted(parameterOf(value))
}

/** A string constant, without any closing brace: in an isolationtester's file that would end the statement. */
export function quoted(text: string): string {
  const doubled = text.replaceAll("'", "''")
  // oxlint-disable-next-line eslint/no-control-regex -- those are what is to be escaped
  if (!/[\\}\u0001-\u001f\u007f]/.test(text)) return `'${doubled}'`
  // oxlint-disable-next-line eslint/no-control-regex -- those are what is to be escaped
  return `E'${doubled.replaceAll('\\', '\\\\').replaceAll(/[}\u0001-\u001f\u007f]/g, escapeOf)}'`
}

const escapeOf = (sign: string) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`

function parameterOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return timeOf(value)
  if (ArrayBuffer.isView(value)) return `\\x${hexOf(value)}`
  if (Array.isArray(value)) return arrayOf(value)
  if ('toPostgres' in value && typeof value.toPostgres === 'function')
    return parameterOf(value.toPostgres(parameterOf))
  return JSON.stringify(value)
}

function arrayOf(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return 'NULL'
    if (Array.isArray(value)) return arrayOf(value)
    return `"${parameterOf(value).replaceAll(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join(',')}}`
}

/** In this process's time zone, as a `timestamp` without one takes it. */
function timeOf(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().replace('Z', '')
  const [hour, minute] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${local}${minutes < 0 ? '-' : '+'}${hour}:${minute}`
}

function hexOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}
