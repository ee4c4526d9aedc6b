import type { Machine } from '../machine.ts'
import type { Settings } from '../settings-table.ts'

/** One way, with so many connections. */
export interface FeralFigures {
  readonly way: string
  readonly connections: number
  /** How many rows there are more than there are keys. */
  readonly duplicates: number
  /** How many requests failed. */
  readonly failed: number
  /** How many requests were told that they had made the row; beyond one for each key, they were told wrong. */
  readonly created: number
}

/** All that a run has found out: feral.json. */
export interface FeralFindings {
  readonly machine: Machine
  readonly settings: Settings
  readonly connections: readonly number[]
  readonly rounds: number
  readonly requests: number
  readonly figures: readonly FeralFigures[]
  readonly failures: readonly string[]
}

export function figuresAt(
  { figures }: FeralFindings,
  way: string,
  connections: number,
): FeralFigures | undefined {
  return figures.find((each) => each.way === way && each.connections === connections)
}
