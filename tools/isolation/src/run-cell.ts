import type { Engine, Level, Parties } from './engine.ts'
import { meetingOf } from './meeting.ts'
import { raceSql } from './race.ts'
import type { Race } from './race.ts'
import { rivalOf } from './rival.ts'
import type { RivalState } from './rival.ts'
import { rivalSql } from './situations.ts'
import type { Situation } from './situations.ts'
import type { Verb } from './verbs.ts'
import { ways } from './ways.ts'
import type { Told, WayName } from './ways.ts'
import { within } from './within.ts'

/** Which race it is. */
export interface Setting {
  readonly level: Level
  readonly way: WayName
  readonly verb: Verb
  readonly situation: Situation
}

/** What has come of one race. */
export interface Cell extends Setting {
  readonly told: Told
  /** How it came in between; `never` when the call had nothing to come between, as it sent no write. */
  readonly rival: 'in between' | 'waited' | 'never'
  /** The code of the error that a rival who had waited met when it went on. */
  readonly rivalError: string | undefined
  /** Whether the call was held up by the rival. */
  readonly wasHeldUp: boolean
  /** The rows with the key when all is over. */
  readonly rows: readonly Race[]
  /** Whether the transaction's other write is there. */
  readonly otherWrite: boolean
}

const secondsAtMost = 10

const came = { gone: 'in between', there: 'in between', waits: 'waited', away: 'never' } as const

/** Runs one race. Fails when the rival could not come as the situation has it, and when anything hangs. */
export function runCell(engine: Engine, parties: Parties, setting: Setting): Promise<Cell> {
  return within(secondsAtMost, cellName(engine, setting), meet(engine, parties, setting))
}

export function cellName({ name }: Pick<Engine, 'name'>, { level, way, verb, situation }: Setting): string {
  return `${name}, ${level.name}, ${way}, ${verb.name}: the rival ${situation.name}`
}

async function meet(engine: Engine, parties: Parties, setting: Setting): Promise<Cell> {
  const { level, way, verb, situation } = setting
  for (const text of engine.clear) await engine.observe(text)
  if (situation.row === 'present') await engine.observe(raceSql.insert('first'))
  const rival = rivalOf(engine, parties, { change: rivalSql(situation), ends: situation.ends })
  const meeting = meetingOf(engine, parties, { rival, verb, moment: situation.moment })
  const told = await ways[way].run({ parties, level, meeting })
  const state = rival.state()
  requireRace(state, setting, told)
  const rivalError = await rival.finish()
  const { rows } = await engine.observe(raceSql.select())
  return {
    ...setting,
    told,
    rival: came[state],
    rivalError,
    wasHeldUp: meeting.wasHeldUp(),
    // The statement names the columns of a Race.
    rows: rows as unknown as readonly Race[],
    otherWrite: (await engine.observe(raceSql.selectAudit)).rows.length > 0,
  }
}

/** A rival who has not come has missed nothing only where the call has written nothing: then there was no such moment. */
function requireRace(state: RivalState, { situation }: Setting, { calls }: Told): void {
  if (state !== 'away') return
  const onlyRead = calls.every(
    ({ word }) => word === 'found' || word === 'already-exists' || word === 'unchanged',
  )
  if (situation.moment !== 'inside the call' || !onlyRead)
    throw new Error(
      `the rival has not come in between, and the call said ${calls.map(({ word }) => word).join()}`,
    )
}
