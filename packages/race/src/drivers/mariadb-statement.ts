import type { Answer } from '../actor.ts'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** As in mariadb's lib/connection-promise.js (paramSetter): a text, or options that have it. */
export function statementOf([given, values]: readonly unknown[]): Statement {
  const { sql, values: own } =
    typeof given === 'object' && given !== null
      ? (given as { sql?: unknown; values?: unknown })
      : { sql: given }
  const all = own ?? values
  return { text: String(sql), values: Array.isArray(all) ? all : hasNone(all) ? [] : [all] }
}

/** Where values could stand, there may be a callback. */
const hasNone = (values: unknown): boolean =>
  values === undefined || values === null || typeof values === 'function'

/** Nobody is idle, and no more may be opened. The limit stands only in its text: `pool(active=1 idle=0 limit=10)`. */
export function isFull(pool: { toString(): string }): boolean {
  const { active, idle, limit } = /active=(?<active>\d+) idle=(?<idle>\d+) limit=(?<limit>\d+)/.exec(
    pool.toString(),
  )?.groups ?? { active: '', idle: '', limit: '' }
  return idle === '0' && Number(active) >= Number(limit)
}

/** Rows; or of a statement that answers none, how many it has changed. */
export function answerOf(result: unknown): Answer {
  if (Array.isArray(result)) return { rows: result }
  const isChange = typeof result === 'object' && result !== null && 'affectedRows' in result
  return { count: isChange ? Number(result.affectedRows) : undefined }
}
