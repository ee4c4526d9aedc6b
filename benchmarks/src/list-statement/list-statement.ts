import { Client } from 'pg'
import { firstFresh, itemCount, itemKinds, itemLabel, existingKey, refillItemTable } from '../item-table.ts'
import type { ItemKey } from '../item-table.ts'
import { inTurnsOnceWarm } from '../in-turns.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import type { Options } from '../options.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { PostgresBench } from '../postgres-bench.ts'
import type { Section } from '../section.ts'
import { cpuOf } from '../server-cpu.ts'
import { serverSettings } from '../server.ts'
import { median } from '../statistics.ts'
import { listDocument } from './list-document.ts'
import type { ListFigures } from './list-document.ts'
import { listOf, listStatements, shares } from './statements.ts'
import type { ListStatement, Share } from './statements.ts'

/** What the server's work on a list consists of: the processor time of one statement, and of what it is made of. */
export const listStatement: Section = {
  name: 'list-statement',
  async run(options, progress) {
    await using awake = await keepProcessorsAwake()
    await using bench = await openPostgresBench()
    const client = new Client({ connectionString: bench.server.url })
    await client.connect()
    const figures: ListFigures[] = []
    try {
      const statements = (await listStatements(client)).filter(({ name }) => options.only.test(name))
      for (const length of options.rows ?? [16, 64, 1000])
        for (const share of shares) {
          progress(`lists of ${length}, ${share}`)
          const able = statements.filter((statement) => statement.shares.includes(share))
          figures.push(
            ...(await measureLists({ length, share, statements: able }, { client, bench, options })),
          )
        }
    } finally {
      await client.end()
    }
    const settings = {
      PostgreSQL: bench.server.version,
      ...serverSettings,
      ...awake.settings,
      rounds: options.rounds,
    }
    const findings = { machine: describeMachine(), settings, figures }
    const markdown = listDocument(findings)
    return {
      markdown,
      files: {
        'list-statement.md': markdown,
        'list-statement.json': `${JSON.stringify(findings, undefined, 2)}\n`,
      },
    }
  },
}

interface Cell {
  readonly length: number
  readonly share: Share
  readonly statements: readonly ListStatement[]
}

interface Ground {
  readonly client: Client
  readonly bench: PostgresBench
  readonly options: Options
}

/** Of so many rows each statement is an average in each round. */
const rowsEachRound = 10_000

async function measureLists(
  { length, share, statements }: Cell,
  { client, bench, options }: Ground,
): Promise<readonly ListFigures[]> {
  const [{ pid } = { pid: 0 }] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
  const fresh = freshKeys()
  const measured = statements.map((statement) => ({ statement, perRow: [] as number[] }))
  await inTurnsOnceWarm(measured, options.rounds, async ({ statement, perRow }, round) => {
    const { name, text } = statement
    let microseconds = 0
    const times = Math.max(10, Math.ceil(rowsEachRound / length))
    for (let time = 0; time < times; time++) {
      const values = [...listOf(keysOf(share, length, fresh), itemLabel)]
      const before = cpuOf([pid])
      await client.query({ name, text, values })
      microseconds += cpuOf([pid]) - before
    }
    if (round > 0) perRow.push(microseconds / times / length)
    await refillItemTable(bench.pool)
  })
  return measured.map(({ statement: { name }, perRow }) => ({
    statement: name,
    length,
    share,
    microseconds: median(perRow),
  }))
}

function keysOf(share: Share, length: number, fresh: Iterator<ItemKey, never>): readonly ItemKey[] {
  return Array.from({ length }, (_, index) => {
    const isThere = share === 'all there' || (share === 'half there' && index % 2 === 0)
    return isThere ? existingKey(itemCount) : fresh.next().value
  })
}

/** Each another one, and in no order. */
function* freshKeys(): Generator<ItemKey, never> {
  for (let index = 1; ; index++) {
    const owner = firstFresh + ((index * 7_368_787) % 100_000_007)
    yield { owner, kind: itemKinds[index % itemKinds.length] ?? itemKinds[0] }
  }
}
