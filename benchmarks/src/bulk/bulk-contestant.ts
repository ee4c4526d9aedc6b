import type { Kind } from '../contestant.ts'
import type { Item } from '../item-table.ts'
import type { NewItem } from './item-list.ts'

/** Is told of each row of a list, in any order, and whether it is new. */
export type Take = (row: Item, created: boolean) => void

export interface OpenBulk {
  readonly run: (list: Iterable<NewItem>, take: Take) => Promise<void>
  readonly close: () => Promise<void>
}

/** A way to get or create a list of rows; each key is in the list once. */
export interface BulkContestant {
  readonly name: string
  readonly kind: Kind
  /** What is one transaction: the whole list, a batch of it, or each call. */
  readonly transaction: 'list' | 'batch' | 'call'
  /** Whether it also updates the rows that are there: another task, with a limit of its own. */
  readonly updates?: true
  /** How many of a list's calls it makes, where all would take too long. */
  readonly first?: number
  /** The longest list that it is measured with; any, unless told. */
  readonly longest?: number
  readonly note?: string
  readonly open: (url: string) => OpenBulk
}
