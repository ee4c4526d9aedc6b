const namesByClient = new WeakMap<WeakKey, Set<string>>()

/**
 * How many statements are prepared for one pool at most. Each of its connections keeps each of them, here and in the server, for
 * as long as it lasts; an application has a few for each key.
 */
const mostNames = 250

/** Whether to prepare the statement of this name: those that come after the first few hundred are sent as they are. */
export function isPrepared(client: WeakKey, name: string | undefined): name is string {
  if (name === undefined) return false
  let known = namesByClient.get(client)
  if (!known) namesByClient.set(client, (known = new Set()))
  if (known.has(name)) return true
  if (known.size >= mostNames) return false
  known.add(name)
  return true
}
