import { getOrCreate, getOrCreateMany, updateOrCreateMany } from 'onerow'
import type { Database } from 'onerow'
import type { Take } from '../bulk/bulk-contestant.ts'
import { callEach, chunksOf } from '../bulk/call-each.ts'
import type { NewItem } from '../bulk/item-list.ts'
import { findOrInsert, hitsOnly, missesOnly } from '../contestant.ts'
import type { GetOrCreate, Kind } from '../contestant.ts'
import { itemKey } from '../contestants/item-key.ts'
import type { Item } from '../item-table.ts'
import type { Workload } from '../workload.ts'
import type { EngineDriver, EngineTool } from './engine-contestant.ts'

/** The files in contestants/. */
export const engineTools = ['mysql2', 'mariadb', 'node-sqlite', 'better-sqlite3'] as const

export type EngineToolName = (typeof engineTools)[number]

export async function engineTool(name: EngineToolName): Promise<EngineTool> {
  // Each of the files exports its tool under this name, as it is typed there.
  return ((await import(`./contestants/${name}.ts`)) as { readonly tool: EngineTool }).tool
}

/** A way to make single calls with any of the tools. */
export interface CallContestant {
  readonly name: string
  readonly kind: Kind
  readonly workloads?: readonly Workload[]
  /** Only with tools where calls travel together. */
  readonly coalescingOnly?: true
  readonly call: (driver: EngineDriver) => GetOrCreate
}

export const callContestants: readonly CallContestant[] = [
  {
    name: 'SELECT',
    kind: 'limit',
    workloads: hitsOnly,
    call: (driver) => async (owner, kind) => {
      const row = await driver.find(owner, kind)
      if (!row) throw new TypeError('There is no row.')
      return row
    },
  },
  { name: 'INSERT', kind: 'limit', workloads: missesOnly, call: (driver) => driver.insert },
  {
    name: 'careful loop',
    kind: 'by hand',
    call: (driver) => findOrInsert(driver.find, driver.insertUnlessThere),
  },
  { name: 'onerow', kind: 'onerow', call: ({ onerow }) => byOnerow(onerow) },
  {
    name: 'onerow, coalesce: false',
    kind: 'onerow',
    coalescingOnly: true,
    call: ({ onerow, onerowAlone }) => byOnerow(onerowAlone ?? onerow),
  },
]

function byOnerow(db: Database): GetOrCreate {
  return async (owner, kind, label) =>
    (await getOrCreate(db, itemKey, { where: { owner, kind }, create: { label } })).row
}

/** A way to get or create a list with any of the tools. */
export interface ListContestant {
  readonly name: string
  readonly kind: Kind
  readonly run: (driver: EngineDriver, list: Iterable<NewItem>, take: Take) => Promise<void>
}

export const listContestants: readonly ListContestant[] = [
  {
    name: 'getOrCreateMany',
    kind: 'onerow',
    async run({ onerow }, list, take) {
      const calls = Array.from(list, ({ owner, kind, label }) => ({
        where: { owner, kind },
        create: { label },
      }))
      for (const { row, created } of await getOrCreateMany(onerow, itemKey, calls)) take(row, created)
    },
  },
  {
    name: 'updateOrCreateMany',
    kind: 'onerow',
    async run({ onerow }, list, take) {
      const calls = Array.from(list, ({ owner, kind, label }) => ({
        where: { owner, kind },
        update: { label },
      }))
      for (const { row, created } of await updateOrCreateMany(onerow, itemKey, calls)) take(row, created)
    },
  },
  {
    name: 'select and insert, 500 rows each',
    kind: 'by hand',
    async run(driver, list, take) {
      for (const chunk of chunksOf(list, 500)) await findOrInsertAll(driver, chunk, take)
    },
  },
  {
    name: 'getOrCreate, one by one',
    kind: 'onerow',
    run: ({ onerow }, list, take) =>
      callEach(list, 1, async ({ owner, kind, label }) => {
        const { row, created } = await getOrCreate(onerow, itemKey, {
          where: { owner, kind },
          create: { label },
        })
        take(row, created)
      }),
  },
  {
    name: 'careful loop, one by one',
    kind: 'by hand',
    run: (driver, list, take) => callEach(list, 1, (item) => findOrInsertOne(driver, item, take)),
  },
]

async function findOrInsertOne(
  driver: EngineDriver,
  { owner, kind, label }: NewItem,
  take: Take,
): Promise<void> {
  for (;;) {
    const found = await driver.find(owner, kind)
    if (found) return take(found, false)
    const created = await driver.insertUnlessThere(owner, kind, label)
    if (created) return take(created, true)
  }
}

/** As one writes it who has no rivals: a key that one has inserted meanwhile fails it. */
async function findOrInsertAll(driver: EngineDriver, chunk: readonly NewItem[], take: Take): Promise<void> {
  const found = await driver.findAll(chunk)
  for (const row of found) take(row, false)
  const known = new Set(found.map(nameOf))
  const missing = chunk.filter((item) => !known.has(nameOf(item)))
  if (missing.length === 0) return
  for (const row of await driver.insertAll(missing)) take(row, true)
}

function nameOf({ owner, kind }: Pick<Item, 'owner' | 'kind'>): string {
  return `${owner} ${kind}`
}
