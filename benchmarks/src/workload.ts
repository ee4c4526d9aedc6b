import { existingKey, freshKeys, hotKey } from './item-table.ts'
import type { ItemKey } from './item-table.ts'

/** What the callers ask for. A hit is a row that exists, a miss one that does not. */
export const workloads = ['hit', 'miss', '90/10', 'hot key'] as const

export type Workload = (typeof workloads)[number]

/** Gives the key of each next call; fresh ones from this range, so that no other process has them. */
export function keysOf(workload: Workload, range: number, rows?: number): () => ItemKey {
  const freshKey = freshKeys(range)
  const keys: Readonly<Record<Workload, () => ItemKey>> = {
    hit: () => existingKey(rows),
    miss: freshKey,
    '90/10': () => (Math.random() < 0.9 ? existingKey(rows) : freshKey()),
    'hot key': () => hotKey,
  }
  return keys[workload]
}
