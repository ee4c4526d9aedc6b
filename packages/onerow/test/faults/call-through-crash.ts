import assert from 'node:assert/strict'
import { brokenPromises, createCounters, newLedger, readCounters, runCallers, verbs } from '@onerow/faults'
import type { CrashingServers } from '@onerow/faults'
import { isOnerowError } from 'onerow'
import { onEngine } from './systems.ts'
import type { System } from './systems.ts'

const callers = 32
/** Each caller calls for at least so many rows, and goes on until the server is back. */
const owners = 40

/**
 * Lets callers call, crashes the server in the middle, and compares what they were told with what is there.
 *
 * @param beforeRead a statement for each server, so that it reads what the others have written
 */
export async function callThroughCrash(
  system: System,
  servers: CrashingServers,
  beforeRead?: string,
): Promise<void> {
  const [first = assert.fail()] = servers.urls
  await onEngine(system, first, (engine) => createCounters(engine.db))
  await using closing = new AsyncDisposableStack()
  const pools = await Promise.all(servers.urls.map((url) => system.open(url, { connections: 8 })))
  for (const { close } of pools) closing.defer(close)
  const databases = pools.map(({ db }) => db)

  const ledger = newLedger()
  const plan = planOf(servers)
  await runCallers({ databases, callers, ...plan }, ledger)
  await plan.crashed()
  assert.ok(plan.errors() > 0, 'the crash has met no call')

  // The pools are as good as before.
  const again = ledger.accounts().map(({ owner }) => ({ owner, verb: 'get' as const }))
  const failed = async (error: unknown) => {
    throw error
  }
  await runCallers({ databases, callers: 64, next: () => again.pop(), failed }, ledger)
  for (const { session } of pools) {
    const { execute, close } = await session()
    if (beforeRead !== undefined) await execute(beforeRead)
    const rows = await readCounters({ execute: ({ text }) => execute(text) })
    await close()
    assert.deepEqual(brokenPromises(ledger.accounts(), rows), {
      duplicates: [],
      lost: [],
      createdTwice: [],
      wrongSums: [],
    })
  }
}

function planOf(servers: CrashingServers) {
  const done = Array.from({ length: callers }, () => 0)
  let crashed: Promise<void> | undefined
  let isBack = false
  let [answers, errors] = [0, 0]
  return {
    crashed: () => crashed,
    errors: () => errors,
    next(caller: number) {
      const owner = done[caller] ?? 0
      if (owner >= owners && isBack) return undefined
      done[caller] = owner + 1
      return { owner, verb: verbs[(caller + owner) % verbs.length] ?? 'get' }
    },
    answered() {
      if (++answers !== (callers * owners) / 4) return
      crashed = servers.crash().finally(() => (isBack = true))
      // Whoever waits for it hears of it.
      crashed.catch(() => undefined)
    },
    async failed(error: unknown) {
      if (isOnerowError(error) || !crashed) throw error
      errors++
      // Another server is there at once; a single one must come back first.
      if (servers.urls.length === 1) await crashed
    },
  }
}
