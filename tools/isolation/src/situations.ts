import { raceSql } from './race.ts'

/** When the rival comes. */
export type Moment =
  /** The caller's transaction has read; the rival ends before the call begins. */
  | 'before the call'
  /** The call has read; the rival ends before the call writes. */
  | 'inside the call'
  /** The rival has made its change before the call begins, and ends when the call is held up by it. */
  | 'during the call'

/** What a rival does to the row, and when. */
export interface Situation {
  readonly name: string
  readonly row: 'absent' | 'present'
  readonly does: 'insert' | 'delete' | 'update'
  readonly moment: Moment
  readonly ends: 'commit' | 'rollback'
}

const does = {
  insert: { row: 'absent', words: 'inserts the row' },
  delete: { row: 'present', words: 'deletes the row' },
  update: { row: 'present', words: 'updates the row' },
} as const

const moments = [
  { moment: 'before the call', ends: 'commit', words: 'commits before the call' },
  { moment: 'inside the call', ends: 'commit', words: 'commits inside the call' },
  { moment: 'during the call', ends: 'commit', words: 'commits during the call' },
  { moment: 'during the call', ends: 'rollback', words: 'rolls back during the call' },
] as const

export const situations: readonly Situation[] = (['insert', 'delete', 'update'] as const).flatMap((change) =>
  moments.map(({ moment, ends, words }) => ({
    name: `${does[change].words}, ${words}`,
    row: does[change].row,
    does: change,
    moment,
    ends,
  })),
)

/** The statement of a situation's rival. */
export function rivalSql({ does }: Pick<Situation, 'does'>): string {
  return does === 'insert' ? raceSql.insert('rival') : raceSql[does]
}
