/** What can be left out of onerow's loop, or done otherwise, so that it is wrong. */
export type Bug =
  /** Whoever has lost to a rival does not look again. */
  | 'no re-read'
  /** On MariaDB, whoever has lost looks again with a plain read. */
  | 'plain re-read'
  /** A list is worked through in the order in which it was given. */
  | 'unsorted list'

/** The statements of one call, each with the row's id or nothing: as in onerow's `key-rows.ts`. */
export interface KeyRows {
  readonly findOrInsert?: () => Promise<number | undefined>
  readonly find: () => Promise<number | undefined>
  /** Nothing, when a rival's row stands there. */
  readonly insert: () => Promise<number | undefined>
  readonly findCurrent?: () => Promise<number | undefined>
}

/** onerow tries 16 times; no rival here needs more than the second. */
const attempts = 4

/** A copy of onerow's `getOrCreate`, which can have a bug. @returns the row's id; with `no re-read`, perhaps nothing */
export async function getOrCreate(rows: KeyRows, bug?: Bug): Promise<number | undefined> {
  for (let number = 1; number <= attempts; number++) {
    const id = await attempt(rows, bug)
    if (id !== undefined || bug === 'no re-read') return id
  }
  throw new Error('contention')
}

async function attempt(rows: KeyRows, bug: Bug | undefined): Promise<number | undefined> {
  if (rows.findOrInsert) return rows.findOrInsert()
  const decided = (await rows.find()) ?? (await rows.insert())
  if (decided !== undefined || bug === 'no re-read') return decided
  return rows.findCurrent?.()
}

/** A copy of `getOrCreateMany` as a list goes that has functions for values: one by one, in the order of the keys. */
export async function getOrCreateMany(
  userIds: readonly number[],
  rowsOf: (userId: number) => KeyRows,
  bug?: Bug,
): Promise<void> {
  const ordered = bug === 'unsorted list' ? userIds : userIds.toSorted((a, b) => a - b)
  for (const userId of ordered) await getOrCreate(rowsOf(userId))
}
