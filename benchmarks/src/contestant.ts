import type { Item } from './item-table.ts'
import type { Workload } from './workload.ts'

/** Gives the row with the key; makes it if there is none. */
export type GetOrCreate = (owner: number, kind: string, label: string) => Promise<Item>

export interface OpenContestant {
  readonly getOrCreate: GetOrCreate
  readonly close: () => Promise<void>
}

/**
 * - `limit`: does less than get-or-create, and so can hardly be beaten: the bare statement, or the tool's own find
 * - `onerow`: onerow's call, through the tool
 * - `own`: a call that the tool itself has for it
 * - `by hand`: written with the tool's other calls, as a careful programmer would
 */
export type Kind = 'limit' | 'onerow' | 'own' | 'by hand'

interface Facts {
  /** Begins with the tool: `Prisma: upsert`. */
  readonly name: string
  readonly kind: Kind
  readonly isOrm?: true
  /** Whether, called at once for one fresh key, it makes one row, which all callers get, without an error. Tests hold it to that. */
  readonly safe: boolean
  /** Also measured with a second client process and with a distant server; and drawn in the charts. */
  readonly main?: true
  /** What it can do at all; all workloads unless told. */
  readonly workloads?: readonly Workload[]
  /** What a reader who knows the tool would ask. */
  readonly note?: string
}

/** One that runs in Node. */
export interface NodeContestant extends Facts {
  /** @param connections how many its pool has. They stay open, however long the contestant waits for its next turn. */
  readonly open: (url: string, connections: number) => Promise<OpenContestant>
}

/** One that is a program of its own, which answers what client-process.ts answers. */
export interface ForeignContestant extends Facts {
  /** How to run it; or, where this machine cannot, why not. */
  readonly program: { readonly command: string; readonly file: string } | { readonly missing: string }
}

export type Contestant = NodeContestant | ForeignContestant

/** Limits do one half of get-or-create. */
export const hitsOnly: readonly Workload[] = ['hit', 'hot key']
export const missesOnly: readonly Workload[] = ['miss']

/** The row of a statement that is sure to give one. */
export function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new TypeError('There is no row.')
  return row
}

/**
 * Get-or-create by hand with two calls of a tool's: what is not found is inserted, and what a rival has inserted meanwhile, so that
 * our insert gives nothing, is found the next time.
 */
export function findOrInsert(
  find: (owner: number, kind: string) => Promise<Item | null | undefined>,
  insert: (owner: number, kind: string, label: string) => Promise<Item | null | undefined>,
): GetOrCreate {
  return async (owner, kind, label) => {
    for (;;) {
      const row = (await find(owner, kind)) ?? (await insert(owner, kind, label))
      if (row) return row
    }
  }
}
