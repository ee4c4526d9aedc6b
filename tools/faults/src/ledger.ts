import type { Call, Told } from './call.ts'
import type { CountedRow } from './counters.ts'

/** What callers were told of one owner's row. */
export interface Account {
  readonly owner: number
  /** One, unless somebody was told of a row that is not this one. */
  readonly ids: readonly number[]
  /** How many were told that they made it. */
  readonly created: number
  /** How many were told that they added one. */
  readonly increments: number
  /** How many tried to, and were told of an error: each may have done it or not. */
  readonly doubtfulIncrements: number
}

/** Keeps what callers are told. */
export interface Ledger {
  answered(call: Call, told: Told): void
  failed(call: Call): void
  accounts(): readonly Account[]
}

export function newLedger(): Ledger {
  const accounts = new Map<number, { -readonly [P in keyof Account]: Account[P] }>()
  const accountOf = (owner: number) => {
    let account = accounts.get(owner)
    if (!account)
      accounts.set(owner, (account = { owner, ids: [], created: 0, increments: 0, doubtfulIncrements: 0 }))
    return account
  }
  return {
    answered({ owner, verb }, { id, created }) {
      const account = accountOf(owner)
      if (!account.ids.includes(id)) account.ids = [...account.ids, id]
      if (created) account.created++
      if (verb === 'increment') account.increments++
    },
    failed({ owner, verb }) {
      if (verb === 'increment') accountOf(owner).doubtfulIncrements++
    },
    accounts: () => [...accounts.values()],
  }
}

/** The accounts of several processes as one. */
export function accountsOf(ledgers: readonly (readonly Account[])[]): readonly Account[] {
  return [...Map.groupBy(ledgers.flat(), ({ owner }) => owner)].map(([owner, accounts]) => ({
    owner,
    ids: [...new Set(accounts.flatMap(({ ids }) => ids))],
    created: sum(accounts, 'created'),
    increments: sum(accounts, 'increments'),
    doubtfulIncrements: sum(accounts, 'doubtfulIncrements'),
  }))
}

/** Where each promise was broken, in words: nowhere, if onerow keeps its word. */
export interface BrokenPromises {
  /** Rows of an owner beyond the first. */
  readonly duplicates: readonly string[]
  /** Rows that callers were told of, and that are not there. */
  readonly lost: readonly string[]
  /** Owners whose row more than one caller was told to have made. An answer that was cut off was told to nobody. */
  readonly createdTwice: readonly string[]
  /** Owners whose amount is less than the additions told, or more than those and the doubtful ones. */
  readonly wrongSums: readonly string[]
}

/** Compares what callers were told with what is there. */
export function brokenPromises(accounts: readonly Account[], rows: readonly CountedRow[]): BrokenPromises {
  const rowsByOwner = Map.groupBy(rows, ({ owner }) => owner)
  const isThere = (owner: number, id: number) => rowsByOwner.get(owner)?.some((row) => row.id === id) === true
  const wrongSum = ({ owner, increments, doubtfulIncrements }: Account): readonly string[] => {
    const amount = rowsByOwner.get(owner)?.[0]?.amount ?? 0
    if (increments <= amount && amount <= increments + doubtfulIncrements) return []
    return [`owner ${owner}: amount ${amount}, told ${increments} additions, ${doubtfulIncrements} doubtful`]
  }
  return {
    duplicates: [...rowsByOwner].flatMap(([owner, [, ...others]]) =>
      others.map(({ id }) => `owner ${owner}: row ${id}`),
    ),
    lost: accounts.flatMap(({ owner, ids }) =>
      ids.filter((id) => !isThere(owner, id)).map((id) => `owner ${owner}: row ${id}`),
    ),
    createdTwice: accounts
      .filter(({ created }) => created > 1)
      .map(({ owner, created }) => `owner ${owner}: ${created} times`),
    wrongSums: accounts.flatMap(wrongSum),
  }
}

function sum(accounts: readonly Account[], of: 'created' | 'increments' | 'doubtfulIncrements'): number {
  return accounts.reduce((total, account) => total + account[of], 0)
}
