import { startPostgres } from '@onerow/servers'
import { Pool } from 'pg'
import { attempts } from '../attempts.ts'
import { openPool } from '../contestants/open-pool.ts'
import { describeMachine } from '../machine.ts'
import type { Section } from '../section.ts'
import { feralChart } from './feral-chart.ts'
import { feralDocument } from './feral-document.ts'
import type { FeralFigures } from './feral-findings.ts'
import { openFeralService } from './feral-service.ts'
import type { Told } from './feral-service.ts'
import { feralWays } from './feral-ways.ts'
import type { FeralWay } from './feral-ways.ts'

/** As in the paper. */
const everConnections = [1, 2, 4, 8, 16, 32, 64] as const
const rounds = 100
const requests = 64

/** How many duplicates each way of keeping a key unique lets through, as the connections grow. */
export const feral: Section = {
  name: 'feral',
  async run({ only }, progress) {
    // With its own settings: whoever waits for the disk to commit leaves the others more time.
    await using server = await startPostgres()
    const { attempt, failures } = attempts(progress)
    const figures: FeralFigures[] = []
    for (const connections of everConnections)
      for (const way of feralWays.filter(({ name }) => only.test(name))) {
        const what = `${way.name}, ${connections} connections`
        progress(what)
        const its = await attempt(what, () => measure(way, server.url, connections))
        if (its) figures.push(its)
      }
    const settings = { PostgreSQL: server.version, settings: 'the defaults' }
    const findings = {
      machine: describeMachine(),
      settings,
      connections: everConnections,
      rounds,
      requests,
      figures,
      failures,
    }
    const markdown = feralDocument(findings)
    return {
      markdown,
      files: {
        'feral.md': markdown,
        'feral.json': `${JSON.stringify(findings, undefined, 2)}\n`,
        'feral-duplicates.svg': feralChart(findings),
      },
    }
  },
}

/** All rounds of one way. */
async function measure(
  { name: way, isUnique, save }: FeralWay,
  url: string,
  connections: number,
): Promise<FeralFigures> {
  await using stack = new AsyncDisposableStack()
  const watch = new Pool({ connectionString: url, max: 1 })
  stack.defer(() => watch.end())
  await createTable(watch, isUnique)
  const pool = openPool(url, connections)
  stack.defer(() => pool.end())
  await openAll(pool, connections)
  const service = stack.use(await openFeralService((key) => save(pool, key), requests))
  const told: Record<Told, number> = { created: 0, found: 0, failed: 0 }
  for (let round = 0; round < rounds; round++) {
    const asked = Array.from({ length: requests }, () => service.ask(`key ${round}`))
    for (const each of await Promise.all(asked)) told[each]++
  }
  const { created, failed } = told
  return { way, connections, duplicates: await countDuplicates(watch), failed, created }
}

async function createTable(pool: Pool, isUnique: boolean): Promise<void> {
  await pool.query(`
    drop table if exists entry;
    create table entry (id integer primary key generated always as identity, key text not null, value text not null)`)
  await pool.query(`create ${isUnique ? 'unique ' : ''}index entry_key on entry (key)`)
}

/** So that the first round meets as many connections as the others. */
async function openAll(pool: Pool, connections: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of clients) client.release()
}

async function countDuplicates(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ readonly duplicates: number }>(
    'select (count(*) - count(distinct key))::integer as duplicates from entry',
  )
  return rows[0]?.duplicates ?? 0
}
