import type { LoopRequest } from '../client-messages.ts'

/** What a tool's process is asked to do, by which contestant. */
export type EngineRequest =
  | ({ readonly do: 'loop'; readonly contestant: string } & LoopRequest)
  | { readonly do: 'list'; readonly contestant: string; readonly length: number; readonly label: string }

export interface EngineListAnswer {
  readonly milliseconds: number
  readonly rows: number
  readonly created: number
}
