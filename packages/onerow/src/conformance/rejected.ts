import assert from 'node:assert/strict'
import { causes } from '../causes.ts'
import { isOnerowError } from '../errors.ts'
import type { OnerowError } from '../errors.ts'

/** The error that work ends with; fails when it does not. */
export async function rejected(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) assert.fail(`Expected an error, got ${inspected(outcome.value)}`)
  assert.ok(outcome.error instanceof Error, `${String(outcome.error)} is no Error`)
  return outcome.error
}

/** The error of onerow's own that work ends with; fails when it ends with another, or none. */
export async function rejectedAs<const Kind extends OnerowError['kind']>(
  kind: Kind,
  work: Promise<unknown>,
): Promise<Extract<OnerowError, { readonly kind: Kind }>> {
  const error = await rejected(work)
  if (!isOnerowError(error) || !isKind(error, kind))
    throw new assert.AssertionError({ message: `Expected ${kind}, got ${inspected(error)}`, actual: error })
  return error
}

/** The error of the data tool's own that work ends with; fails when it is one of onerow's. */
export async function rejectedByTool(work: Promise<unknown>): Promise<Error> {
  const error = await rejected(work)
  assert.equal(isOnerowError(error), false, `Expected an error of the data tool, got ${inspected(error)}`)
  return error
}

/** What an error says, and what that says which it wraps: a data tool may have other words than its database. */
export function said(error: Error): string {
  return [...causes(error)].map(({ message }) => String(message)).join('; ')
}

/**
 * The same without the number of the connection, which the mariadb driver tells in its messages, and the id that a failed row would
 * have had, which MikroORM tells.
 */
export function saidAnywhere(error: Error): string {
  return said(error).replaceAll(/conn:-?\d+|row contains \(\d+/g, '')
}

function isKind<Kind extends OnerowError['kind']>(
  error: OnerowError,
  kind: Kind,
): error is Extract<OnerowError, { readonly kind: Kind }> {
  return error.kind === kind
}

function inspected(value: unknown): string {
  if (!(value instanceof Error))
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
  return `${value.name}: ${value.message}${value.cause === undefined ? '' : `, because of ${inspected(value.cause)}`}`
}
