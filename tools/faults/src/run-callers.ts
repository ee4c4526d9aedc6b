import type { Database } from 'onerow'
import { call } from './call.ts'
import type { Call } from './call.ts'
import type { Ledger } from './ledger.ts'

export interface CallersPlan {
  /** The database, by each of its servers. Callers spread over them, and go to the next when a call fails. */
  readonly databases: readonly Database[]
  readonly callers: number
  /** What a caller calls next, or undefined when it is done. */
  readonly next: (caller: number) => Call | undefined
  /** Hears of each answer, and how long it took in milliseconds. */
  readonly answered?: (took: number) => void
  /** Hears of each error. The caller repeats its call as soon as this resolves, and gives up if it rejects. */
  readonly failed: (error: unknown, took: number) => Promise<void>
}

/** A caller that has gone to another server comes back to its own after so many calls. */
const callsAbroad = 100

/** Lets callers call, one call after another each, and keeps the ledger. Resolves when all of them are done. */
export async function runCallers(plan: CallersPlan, ledger: Ledger): Promise<void> {
  const { databases, callers, next, answered, failed } = plan
  const callInTurn = async (caller: number): Promise<void> => {
    let server = caller
    let calls = 0
    let current = next(caller)
    while (current) {
      const asked: Call = current
      if (++calls % callsAbroad === 0) server = caller
      const db = databases[server % databases.length]
      if (!db) throw new TypeError('No database was given.')
      const began = performance.now()
      try {
        ledger.answered(asked, await call(db, asked))
        answered?.(performance.now() - began)
        current = next(caller)
      } catch (error) {
        ledger.failed(asked)
        server++
        await failed(error, performance.now() - began)
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => callInTurn(caller)))
}
