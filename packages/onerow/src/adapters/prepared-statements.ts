import type { Statement } from '../database.ts'

// Preparing takes several times as long as running what finds a row by its key.
const preparedByClient = new WeakMap<WeakKey, Map<string, unknown>>()
const mostPrepared = 100

/** The statement, prepared once for a connection and kept, unless it is one that onerow sends only now and then. */
export function preparedOn<Prepared>(
  client: { prepare(text: string): Prepared },
  { text, name }: Statement,
): Prepared {
  if (name === undefined) return client.prepare(text)
  // All that is kept for a client was prepared by it.
  const known = (preparedByClient.get(client) ?? new Map<string, unknown>()) as Map<string, Prepared>
  preparedByClient.set(client, known)
  let prepared = known.get(text)
  if (!prepared) {
    prepared = client.prepare(text)
    if (known.size >= mostPrepared) known.clear()
    known.set(text, prepared)
  }
  return prepared
}

/** Forgets what was prepared on a connection, after it was closed and opened again. */
export function forgetPrepared(client: WeakKey): void {
  preparedByClient.delete(client)
}
