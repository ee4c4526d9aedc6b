import type { Template } from './postgres-js-text.ts'

/** A query of postgres.js: a promise that is sent when somebody asks for what it promises. */
export interface Query extends Template, PromiseLike<unknown> {
  readonly handler: Handler
  /** Undefined of queries that the driver sends on its own account. */
  readonly canceller: unknown
  /** With `onexecute` it is the BEGIN of `sql.begin`, which learns by it what connection it has. */
  readonly options: { readonly onexecute?: unknown }
  /** The connection's own object, from when it is sent; the number in it changes when the connection is opened again. */
  readonly state: { readonly pid: number | null } | null
  executed: boolean
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
  cursorFn?: (rows: unknown) => unknown
  forEachFn?: (...given: unknown[]) => unknown
}

/** Sends queries: one function for all of a pool, one for each transaction, savepoint and reserved connection. */
export type Handler = (query: Query) => void
