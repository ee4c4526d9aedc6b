import assert from 'node:assert/strict'
import { explore } from '@onerow/race'
import type { ExploreOptions, Report, Run, Sessions } from '@onerow/race'

/** A connection that an actor has for itself. */
export interface Connection {
  /** @returns the rows, each as the list of its values */
  readonly query: (text: string) => Promise<unknown>
  readonly release: () => void
}

/** A server with the tables `one` and `two`, both of `id` and `v`; in `two` an `id` is there once. */
export interface Engine {
  readonly sessions: Sessions
  readonly connect: () => Promise<Connection>
  /** The server's code of an error. */
  readonly codeOf: (error: unknown) => unknown
}

/** Statements, each by itself; or all of them in a transaction of this beginning. */
export interface Program {
  readonly begin?: readonly string[]
  readonly statements: readonly string[]
  readonly end?: 'commit' | 'rollback'
}

export interface Explored {
  /** What is left in the end: the tables, and what each actor has seen or how it has failed. */
  readonly outcomes: readonly string[]
  readonly report: Report
}

/** Both explorations of programs: with all orders, and reduced. */
export interface Compared {
  readonly all: Report
  readonly reduced: Report
}

/** Explores programs; an id that is twice in `one` breaks the invariant. */
export async function explored(
  engine: Engine,
  programs: readonly Program[],
  reduction: NonNullable<ExploreOptions['reduction']>,
): Promise<Explored> {
  const found = new Set<string>()
  const report = await explore({
    sessions: engine.sessions,
    setup: () => run(engine, refill),
    actors: Object.fromEntries(
      programs.map((program, index) => ['abc'.charAt(index), () => perform(engine, program)]),
    ),
    async invariant({ endings }: Run) {
      const tables = await run(
        engine,
        ['one', 'two'].map((table) => `select id, v from ${table} order by id, v`),
      )
      const ended = [...endings]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([name, ending]) => [name, 'value' in ending ? ending.value : engine.codeOf(ending.error)])
      found.add(JSON.stringify([tables, Object.fromEntries(ended)]))
      const ids = (tables[0] as readonly (readonly number[])[]).map(([id]) => id)
      return new Set(ids).size === ids.length
    },
    reduction,
  })
  return { outcomes: [...found].toSorted(), report }
}

const refill = ['one', 'two'].flatMap((table) => [
  `delete from ${table}`,
  `insert into ${table} values (1, 0)`,
])

/** Both explorations come to the same; and the reduced one is no longer. */
export async function assertSound(engine: Engine, programs: readonly Program[]): Promise<Compared> {
  const all = await explored(engine, programs, 'none')
  const reduced = await explored(engine, programs, 'sleep sets')
  assert.deepEqual(reduced.outcomes, all.outcomes)
  assert.ok(all.report.isExhaustive && reduced.report.isExhaustive)
  assert.equal(reduced.report.violations.length > 0, all.report.violations.length > 0)
  assert.ok(reduced.report.schedules <= all.report.schedules)
  return { all: all.report, reduced: reduced.report }
}

async function perform(engine: Engine, { begin, statements, end }: Program): Promise<readonly unknown[]> {
  const connection = await engine.connect()
  try {
    const seen: unknown[] = []
    for (const text of [begin ?? [], statements, end ?? []].flat()) seen.push(await connection.query(text))
    return seen
  } catch (error) {
    if (begin) await connection.query('rollback')
    throw error
  } finally {
    connection.release()
  }
}

async function run(engine: Engine, texts: readonly string[]): Promise<readonly unknown[]> {
  return perform(engine, { statements: texts })
}
