import type { Engine, Level, Parties } from './engine.ts'
import { errorCode } from './error-code.ts'
import { isHeldUp } from './held-up.ts'
import { looseTable, raceSql } from './race.ts'
import { rivalOf } from './rival.ts'
import type { Rival } from './rival.ts'
import { within } from './within.ts'

/** What comes between the read and the insert of the first story's code. */
export interface NaiveSituation {
  readonly name: string
  /** Whether the rival runs the same code, and so reads before it inserts. */
  readonly reads: boolean
  readonly ends: 'commit' | 'rollback'
  /** Whether it has ended when the caller inserts. */
  readonly endsBefore: boolean
}

export const naiveSituations: readonly NaiveSituation[] = [
  { name: 'same code, commits first', reads: true, ends: 'commit', endsBefore: true },
  { name: 'same code, commits later', reads: true, ends: 'commit', endsBefore: false },
  { name: 'same code, rolls back later', reads: true, ends: 'rollback', endsBefore: false },
  { name: 'inserts blindly, commits first', reads: false, ends: 'commit', endsBefore: true },
]

export const naiveWays = {
  autocommit: 'no transaction',
  transaction: 'transaction',
  savepoint: 'transaction, savepoint',
} as const

export interface NaiveSetting {
  readonly level: Level
  readonly isUnique: boolean
  readonly way: keyof typeof naiveWays
  readonly situation: NaiveSituation
}

export interface NaiveCell extends NaiveSetting {
  /** `created`, or the code of the error: `40001 at COMMIT`; behind a savepoint also what came after: `23505, then found`. */
  readonly told: string
  /** `created`, `rolled back` as it wanted, or the code of an error. */
  readonly rivalTold: string
  readonly rivalWaited: boolean
  readonly rows: number
}

/** Runs the first story's code with a rival in between, in all settings. */
export async function runNaive(engine: Engine): Promise<readonly NaiveCell[]> {
  const cells: NaiveCell[] = []
  for (const level of engine.levels) {
    const parties = await engine.open(level)
    try {
      for (const setting of settingsAt(level)) {
        const { isUnique, way, situation } = setting
        const name = `${engine.name}, ${level.name}, story 1, unique: ${isUnique}, ${way}: the rival ${situation.name}`
        cells.push(await within(10, name, meet(engine, parties, setting)))
      }
    } finally {
      await parties.close()
    }
  }
  return cells
}

function settingsAt(level: Level): readonly NaiveSetting[] {
  return [false, true].flatMap((isUnique) =>
    naiveSituations.flatMap((situation) =>
      (['autocommit', 'transaction', 'savepoint'] as const).map((way) => ({
        level,
        isUnique,
        way,
        situation,
      })),
    ),
  )
}

async function meet(engine: Engine, parties: Parties, setting: NaiveSetting): Promise<NaiveCell> {
  const { isUnique, situation } = setting
  const table = isUnique ? 'race' : looseTable
  for (const text of engine.clear) await engine.observe(text)
  const rival = rivalOf(engine, parties, {
    reads: situation.reads ? [raceSql.select(table)] : [],
    change: raceSql.insert('rival', table),
    ends: situation.ends,
  })
  const scene = { engine, parties, setting, rival, table }
  const told = await callerOf(scene)
  const rivalWaited = rival.state() === 'waits'
  const error = await rival.finish()
  const { rows } = await engine.observe(raceSql.select(table))
  const rivalTold = error ?? (situation.ends === 'commit' ? 'created' : 'rolled back')
  return { ...setting, told, rivalTold, rivalWaited, rows: rows.length }
}

interface Scene {
  readonly engine: Engine
  readonly parties: Parties
  readonly setting: NaiveSetting
  readonly rival: Rival
  readonly table: string
}

async function callerOf(scene: Scene): Promise<string> {
  const { run } = scene.parties.caller
  const { way } = scene.setting
  if (way === 'autocommit') {
    await run(raceSql.select(scene.table))
    return insert(scene).then(() => 'created', errorCode)
  }
  await run('begin')
  await run(raceSql.select(scene.table))
  const told = await (way === 'savepoint'
    ? insertBehindSavepoint(scene)
    : insert(scene).then(() => 'created', errorCode))
  const hasFailed = told !== 'created' && !told.includes(', then ')
  const error = await run(hasFailed ? 'rollback' : 'commit').then(() => undefined, errorCode)
  if (error === undefined) return told
  await run('rollback')
  return told === 'created' ? `${error} at COMMIT` : `${told}, then ${error} at COMMIT`
}

async function insertBehindSavepoint(scene: Scene): Promise<string> {
  const { run } = scene.parties.caller
  await run('savepoint before_insert')
  try {
    await insert(scene)
    return 'created'
  } catch (refused) {
    try {
      await run('rollback to savepoint before_insert')
      const { rows } = await run(raceSql.select(scene.table))
      return `${errorCode(refused)}, then ${rows.length > 0 ? 'found' : 'not found'}`
    } catch {
      return errorCode(refused)
    }
  }
}

/** The insert, with the rival between it and the read before. */
async function insert({ engine, parties, setting, rival, table }: Scene): Promise<void> {
  const { run } = parties.caller
  const text = raceSql.insert('ours', table)
  await rival.act()
  if (setting.situation.endsBefore) await rival.end()
  const work = run(text)
  if (rival.state() === 'there') {
    await isHeldUp(parties, { party: 'caller', work })
    await rival.end()
  }
  try {
    await work
  } catch (error) {
    // SQLite waits for a lock where it may, in a statement by itself; in a transaction that has read it does not.
    if (!engine.isRefusedByLock(error) || setting.way !== 'autocommit') throw error
    await run(text)
  }
}
