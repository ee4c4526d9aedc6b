import type { ClosedLoop } from './calls-per-second.ts'
import type { Item } from './item-table.ts'
import type { Workload } from './workload.ts'

/** What a client process is asked to do, one request after the other: each a line of JSON on its standard input. */
export type ClientRequest =
  | ({ readonly do: 'loop' } & LoopRequest)
  | ({ readonly do: 'calls' } & CallsRequest)
  | ({ readonly do: 'at once' } & AtOnceRequest)

export interface LoopRequest extends ClosedLoop {
  readonly workload: Workload
  /** Which range fresh keys are taken from, so that no other process has them. */
  readonly range: number
  /** How many rows the table has, where these are not as many as at first. */
  readonly rows?: number
}

/** One caller who makes so many calls. */
export interface CallsRequest {
  readonly workload: Workload
  readonly range: number
  readonly calls: number
}

/** So many callers at once for one key. */
export interface AtOnceRequest extends Omit<Item, 'id'> {
  readonly callers: number
}

/** What it answers: a line of JSON on its standard output. */
export interface ClientAnswers {
  readonly loop: { readonly perSecond: number }
  /** The processor time of the process meanwhile, in microseconds. */
  readonly calls: { readonly cpu: number }
  readonly 'at once': { readonly rows: readonly Item[] }
}

/** Told once, when it can be asked. */
export interface Ready {
  readonly ready: true
}

/** In place of an answer. */
export interface Failed {
  readonly error: string
}
