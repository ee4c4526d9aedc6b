import { Pool } from 'pg'

/** The pool of all contestants that run on pg. */
export function openPool(connectionString: string, connections: number): Pool {
  return new Pool({ connectionString, ...poolOf(connections) })
}

/** The same, for tools that make a pool of pg's themselves. */
export function poolOf(connections: number): { readonly max: number; readonly idleTimeoutMillis: number } {
  // Without a time limit on idleness: contestants wait for their turn.
  return { max: connections, idleTimeoutMillis: 0 }
}
