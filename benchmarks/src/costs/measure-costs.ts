import { startTcpProxy } from '@onerow/servers'
import type { Pool } from 'pg'
import { openClient } from '../client.ts'
import { only } from '../contestant.ts'
import type { Entrant } from '../contestants.ts'
import { inTurns } from '../in-turns.ts'
import { refillItemTable } from '../item-table.ts'
import { keepApart } from '../keep-apart.ts'
import { cpuOf, isContestants } from '../server-cpu.ts'
import { wireCounter } from '../wire-count.ts'
import type { Workload } from '../workload.ts'
import { urlAt } from '../calls/bench.ts'
import type { Bench } from '../calls/bench.ts'
import { does, isMissing } from '../calls/plan.ts'

/** What one call costs, on an average of many that one caller makes one after the other. */
export interface Costs {
  readonly contestant: string
  readonly workload: Workload
  readonly statements: number
  readonly roundTrips: number
  readonly walBytes: number
  /** Rows inserted, updated or deleted in the table, whether they last or not. */
  readonly rowVersions: number
  readonly sequenceValues: number
  /** Processor time in microseconds. */
  readonly clientCpu: number
  readonly serverCpu: number
}

export async function measureCosts(bench: Bench): Promise<readonly Costs[]> {
  const { options, contestants, progress } = bench
  const costs: Costs[] = []
  const taking = contestants.filter(
    (contestant) => options.only.test(contestant.name) && !isMissing(contestant),
  )
  await inTurns(taking, options.rounds, async (contestant, round) => {
    progress(`round ${round} of ${options.rounds}: ${contestant.name}`)
    for (const workload of ['hit', 'miss'] as const) {
      if (!options.workloads.includes(workload) || !does(contestant, workload)) continue
      const measured = await bench.attempt(`a ${workload}, round ${round}: ${contestant.name}`, () =>
        costsOf(contestant, workload, bench),
      )
      if (measured) costs.push(measured)
    }
  })
  return costs.toSorted((a, b) => placeOf(a) - placeOf(b))

  function placeOf({ contestant }: Costs): number {
    return taking.findIndex(({ name }) => name === contestant)
  }
}

/**
 * How many calls of a process are not counted, at least: in these V8 compiles what they run, and PostgreSQL executes each prepared
 * statement the five times after which it may keep a plan for all values ("Notes" on PREPARE in its manual).
 */
const enoughToBeWarm = 5000

async function costsOf(
  contestant: Entrant,
  workload: 'hit' | 'miss',
  { server, pool, options: { calls } }: Bench,
): Promise<Costs> {
  await refillItemTable(pool)
  const { count, read } = wireCounter()
  // It only listens; the time it takes is neither the client's nor the server's.
  await using proxy = await startTcpProxy({
    port: server.port,
    onChunk: ({ from, bytes }) => from === 'server' && read(bytes),
  })
  const versionsBefore = await rowVersions(pool)
  await using client = await openClient(contestant, urlAt(server, proxy.port))
  const uncounted = Math.max(calls, enoughToBeWarm)
  await client.calls({ workload, range: 0, calls: uncounted })
  using _ = await keepApart([client], pool)
  const [wireBefore, before] = [{ ...count }, await countersOf(pool)]
  const { cpu } = await client.calls({ workload, range: 1, calls })
  const [wireAfter, after] = [{ ...count }, await countersOf(pool)]
  await client.close()
  return {
    contestant: contestant.name,
    workload,
    statements: (wireAfter.statements - wireBefore.statements) / calls,
    roundTrips: (wireAfter.roundTrips - wireBefore.roundTrips) / calls,
    walBytes: (after.wal - before.wal) / calls,
    // Those that warm it up are of the same kind.
    rowVersions: ((await rowVersions(pool)) - versionsBefore) / (uncounted + calls),
    sequenceValues: (after.sequence - before.sequence) / calls,
    clientCpu: cpu / calls,
    serverCpu: (after.cpu - before.cpu) / calls,
  }
}

interface Counters {
  readonly wal: number
  readonly sequence: number
  /** Of the contestants' connections, in microseconds. */
  readonly cpu: number
}

async function countersOf(pool: Pool): Promise<Counters> {
  const { rows } = await pool.query<{ wal: string; sequence: string; pids: readonly number[] }>(`
    select
      pg_current_wal_insert_lsn() - '0/0' as wal,
      (select last_value from item_id_seq) as sequence,
      array(select pid from pg_stat_activity where ${isContestants}) as pids`)
  const { wal, sequence, pids } = only(rows)
  return { wal: Number(wal), sequence: Number(sequence), cpu: cpuOf(pids) }
}

/** A connection's statistics are sure to be told when it ends, so this waits until the contestants' have. */
async function rowVersions(pool: Pool): Promise<number> {
  for (;;) {
    const { rows } = await pool.query(`select from pg_stat_activity where ${isContestants}`)
    if (rows.length === 0) break
  }
  // Our own, of the table's refilling.
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ versions: string }>(
    "select n_tup_ins + n_tup_upd + n_tup_del as versions from pg_stat_user_tables where relname = 'item'",
  )
  return Number(only(rows).versions)
}
