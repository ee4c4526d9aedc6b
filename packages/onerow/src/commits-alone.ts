import type { Database } from './database.ts'

/** Whether each statement commits by itself: on a pool, where adapters say how calls gather. */
export function commitsAlone({ coalesce }: Database): boolean {
  return coalesce !== undefined
}
