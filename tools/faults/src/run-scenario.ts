import { setTimeout as wait } from 'node:timers/promises'
import { createCounters, readCounters } from './counters.ts'
import type { CrashingServers } from './crashing-servers.ts'
import { accountsOf, brokenPromises } from './ledger.ts'
import type { BrokenPromises } from './ledger.ts'
import { startLoad } from './load-process.ts'
import type { LoadResult } from './load-process.ts'
import { openTool } from './open-tool.ts'
import type { Tool } from './open-tool.ts'
import type { Scenario } from './scenarios.ts'
import { sumOf, total } from './tally.ts'

/** The figures of one load run. */
export interface Outcome extends Omit<LoadResult, 'accounts'> {
  readonly tool: Tool
  readonly servers: string
  /** How long the server was away, in seconds. */
  readonly outage: number
  readonly rows: number
  /** Rows that somebody was told to have made. The others' makers were cut off before they heard of it. */
  readonly created: number
  readonly broken: BrokenPromises
  /** Servers whose rows are not those of the first. */
  readonly differing: readonly string[]
}

const callers = 64
const processes = 2

/** Runs the load, and crashes the server after a third of the time. */
export async function runScenario({ tool, start }: Scenario, seconds: number): Promise<Outcome> {
  await using servers = await start()
  await prepare(tool, servers)
  const load = { tool, urls: servers.urls, callers: callers / processes }
  const loads = await Promise.all(Array.from({ length: processes }, () => startLoad(load)))
  const end = wait(seconds * 1000)
  await wait((seconds * 1000) / 3)
  const began = performance.now()
  await servers.crash()
  const outage = (performance.now() - began) / 1000
  await end
  const results = await Promise.all(loads.map(({ stop }) => stop()))
  return { tool, servers: servers.name, outage, ...(await compare(tool, servers, results)) }
}

async function prepare(tool: Tool, { urls: [url = ''] }: CrashingServers): Promise<void> {
  const { db, close } = openTool[tool](url, 1)
  await createCounters(db)
  await close()
}

async function compare(tool: Tool, servers: CrashingServers, results: readonly LoadResult[]) {
  const accounts = accountsOf(results.map((result) => result.accounts))
  const [first = [], ...others] = await Promise.all(servers.urls.map((url) => rowsOf(tool, url, servers)))
  const asText = (rows: typeof first) => JSON.stringify([...rows].sort((a, b) => a.id - b.id))
  return {
    answered: total(results.map(({ answered }) => answered)),
    errors: sumOf(results.map(({ errors }) => errors)),
    retries: sumOf(results.map(({ retries }) => retries)),
    hung: total(results.map(({ hung }) => hung)),
    longest: Math.max(...results.map(({ longest }) => longest)),
    rows: first.length,
    created: accounts.filter(({ created }) => created > 0).length,
    broken: brokenPromises(accounts, first),
    differing: servers.urls.slice(1).filter((_, index) => asText(others[index] ?? []) !== asText(first)),
  }
}

async function rowsOf(tool: Tool, url: string, { beforeRead }: CrashingServers) {
  const { db, close } = openTool[tool](url, 1)
  if (beforeRead !== undefined) await db.execute({ text: beforeRead, values: [] })
  const rows = await readCounters(db)
  await close()
  return rows
}
