import type { Machine } from '../machine.ts'
import type { Settings } from '../settings-table.ts'
import type { Workload } from '../workload.ts'
import type { EngineToolName } from './engine-contestants.ts'

/** Calls per second. */
export interface EngineRates {
  readonly tool: EngineToolName
  readonly workload: Workload
  readonly callers: number
  readonly contestant: string
  /** One for each round. */
  readonly perSecond: readonly number[]
}

/** Rows per second of a list. */
export interface EngineListFigures {
  readonly tool: EngineToolName
  readonly length: number
  readonly contestant: string
  /** One for each round. */
  readonly perSecond: readonly number[]
}

/** All that a run has found out: engines.json. */
export interface EngineFindings {
  readonly machine: Machine
  readonly settings: Settings
  readonly rates: readonly EngineRates[]
  readonly lists: readonly EngineListFigures[]
  readonly failures: readonly string[]
}
