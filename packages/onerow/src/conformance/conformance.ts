import type { IsolationLevel } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import type { Cannot, Case } from './case.ts'
import { cases } from './cases.ts'
import { withEngine } from './engine.ts'
import { engineSql } from './engine-sql.ts'
import type { Faults, Open } from './open.ts'
import { sharing } from './shared.ts'

/**
 * The runner's `test`. That of `node:test` fits as it is; for Vitest, whose `skip` has no reason, write
 * `(name, { skip, timeout }, run) => test(name, { skip: skip !== undefined, timeout }, run)`.
 */
export type Test = (
  name: string,
  options: { readonly skip?: string; readonly timeout: number },
  run: () => Promise<void>,
) => unknown

/** How much the cases of many callers do. */
export type Load = 'full' | 'light'

export interface ConformanceOptions {
  readonly test: Test
  /** The runner's way to do something after the last test: `after` of `node:test`, `afterAll` of Vitest. */
  readonly after: (close: () => Promise<void>) => unknown
  /** The data tool and the engine, in words: `pg on PostgreSQL 18`. */
  readonly name: string
  readonly dialect: Dialect
  /** What names the database, for `open`. It may hold other tables; each case makes tables of its own. */
  readonly where: string
  readonly open: Open
  /** Where another process finds `open`, with no help but these two. */
  readonly worker?: { readonly module: string; readonly export: string }
  /** Opens a way to the database on which connections can be cut. */
  readonly openLossy?: (where: string) => Promise<Faults>
  /** What this pair cannot do, and why. The cases that need it are skipped and print the reason. */
  readonly cannot?: Cannot
  /**
   * Full unless told. Light is for a tool on a driver that runs the suite under a full load itself: fewer keys, and of the
   * isolation levels the engine's default and SERIALIZABLE.
   */
  readonly load?: Load
}

/** No case takes more than a few seconds; one that is still not done hangs, and a runner without a timeout with it. */
const timeout = 60_000

/**
 * Registers a test for each thing that every adapter must do on every engine.
 *
 * @throws `TypeError` when `worker` or `openLossy` is missing and `cannot` does not say why
 * @example
 * ```ts
 * conformance({
 *   test,
 *   after,
 *   name: 'node-sqlite on a file',
 *   dialect: sqlite,
 *   where: '/tmp/conformance.db',
 *   open: openNodeSqlite,
 *   worker: { module: import.meta.resolve('./open-node-sqlite.ts'), export: 'openNodeSqlite' },
 *   cannot: { 'lost connections': 'SQLite has no connection that can be lost', 'read replicas': 'SQLite has no replicas' },
 * })
 * ```
 */
export function conformance(options: ConformanceOptions): void {
  const { test, after, name, dialect, where, open, worker, load = 'full' } = options
  const cannot: Cannot = { ...engineSql(dialect.name).cannot, ...options.cannot }
  requireUnlessDeclared(options, cannot)
  const shared = sharing({
    where,
    open,
    worker,
    dialect,
    isSingle: cannot['several sessions'] !== undefined,
  })
  after(() => shared.close())
  const lastOfWorkers = cases.findLast(({ needs }) => needs?.includes('several processes'))
  for (const conformanceCase of cases) {
    const levels = levelsOf(conformanceCase, dialect, load)
    for (const isolation of levels) {
      const level = isolation === undefined ? '' : ` [${isolation}]`
      const here = { ...cannot, ...(isolation && engineSql(dialect.name).cannotAt?.[isolation]) }
      const skip = (conformanceCase.needs ?? [])
        .map((need) => here[need])
        .find((reason) => reason !== undefined)
      test(
        `${name}: ${conformanceCase.id} ${conformanceCase.name}${level}`,
        skip === undefined ? { timeout } : { skip, timeout },
        async () => {
          await withEngine(options, await shared.at(isolation), (engine) => conformanceCase.run(engine))
          // A data tool can take a quarter of a gigabyte in each process.
          if (conformanceCase === lastOfWorkers && isolation === levels.at(-1)) await shared.letWorkersGo()
        },
      )
    }
  }
}

function levelsOf(
  { atEachLevel }: Case,
  { capabilities, name }: Dialect,
  load: Load,
): readonly (IsolationLevel | undefined)[] {
  if (atEachLevel !== true) return [undefined]
  return load === 'full'
    ? capabilities.isolationLevels
    : [...new Set([engineSql(name).defaultLevel, 'serializable' as const])]
}

function requireUnlessDeclared({ name, worker, openLossy }: ConformanceOptions, cannot: Cannot): void {
  if (!worker && cannot['several processes'] === undefined)
    throw new TypeError(`${name}: give \`worker\`, or say in \`cannot\` why 'several processes' cannot be.`)
  if (!openLossy && cannot['lost connections'] === undefined)
    throw new TypeError(`${name}: give \`openLossy\`, or say in \`cannot\` why 'lost connections' cannot be.`)
}
