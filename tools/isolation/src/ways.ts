import { transaction } from 'onerow'
import type { Database } from 'onerow'
import type { Level, Parties } from './engine.ts'
import { errorCode } from './error-code.ts'
import type { Meeting } from './meeting.ts'
import { raceSql } from './race.ts'
import { outcomeOf } from './verbs.ts'
import type { Outcome } from './verbs.ts'

/** What a caller has been told, from first to last. */
export interface Told {
  /** What the call said, and what it said when it was made again. */
  readonly calls: readonly Outcome[]
  /** How often the work of `transaction` ran. */
  readonly runs?: number
  /** The error of ROLLBACK TO or COMMIT, after which nothing more is done. */
  readonly failure?: { readonly at: 'ROLLBACK TO' | 'COMMIT'; readonly code: string }
}

export interface Scene {
  readonly parties: Parties
  readonly level: Level
  readonly meeting: Meeting
}

/** A way to make a call: in a transaction or in none. */
export interface Way {
  readonly title: string
  /** Whether the caller has read before the call, in a transaction which the call takes part in. */
  readonly readsBefore: boolean
  run(scene: Scene): Promise<Told>
}

export type WayName =
  | 'autocommit'
  | 'transaction'
  | 'savepoint'
  | 'transaction that has written'
  | 'transaction that writes after'
  | 'savepoint, writes after'
  | 'retried'

/** When the caller makes the other write of its transaction. */
type OtherWrite = 'before' | 'after'

export const ways: Readonly<Record<WayName, Way>> = {
  autocommit: {
    title: 'in no transaction',
    readsBefore: false,
    async run({ parties, meeting }) {
      await meeting.approach()
      return { calls: [await meeting.call(parties.pool)] }
    },
  },
  transaction: byHand("in the caller's transaction", 'before', callOnce),
  savepoint: byHand("in the caller's transaction, behind a savepoint", 'before', callBehindSavepoint),
  'transaction that has written': byHand(
    "in the caller's transaction, which has written",
    'before',
    callOnce,
  ),
  'transaction that writes after': byHand(
    "in the caller's transaction, which has only read",
    'after',
    callOnce,
  ),
  'savepoint, writes after': byHand('in the same, behind a savepoint', 'after', callBehindSavepoint),
  retried: {
    title: 'in `transaction(db, work)`',
    readsBefore: true,
    async run({ parties, level, meeting }) {
      let runs = 0
      const work = async (tx: Database): Promise<Outcome> => {
        runs++
        await tx.execute({ text: raceSql.select(), values: [] })
        await tx.execute({ text: raceSql.insertAudit, values: [] })
        await meeting.approach()
        const outcome = await meeting.call(tx)
        if (outcome.failure !== undefined) throw outcome.failure
        return outcome
      }
      const { isolation } = level
      return { calls: [await outcomeOf(transaction(parties.pool, work, { isolation }))], runs }
    },
  },
}

/** A transaction as people write it: it reads, calls and commits, whatever the call has said. */
function byHand(title: string, otherWrite: OtherWrite, call: (scene: Scene) => Promise<Told>): Way {
  return {
    title,
    readsBefore: true,
    async run(scene) {
      const { run } = scene.parties.caller
      await run('begin')
      await run(raceSql.select())
      if (otherWrite === 'before') await run(raceSql.insertAudit)
      await scene.meeting.approach()
      const told = await call(scene)
      // Where it is refused, the transaction is of no more use: the table tells.
      if (otherWrite === 'after') await run(raceSql.insertAudit).catch(errorCode)
      const code = await codeOf(run(told.failure ? 'rollback' : 'commit'))
      if (code === undefined) return told
      await run('rollback')
      return { ...told, failure: { at: 'COMMIT', code } }
    },
  }
}

async function callOnce({ parties, meeting }: Scene): Promise<Told> {
  return { calls: [await meeting.call(parties.caller.db)] }
}

async function callBehindSavepoint({ parties: { caller }, meeting }: Scene): Promise<Told> {
  await caller.run('savepoint before_call')
  const first = await meeting.call(caller.db)
  if (first.failure === undefined) return { calls: [first] }
  const code = await codeOf(caller.run('rollback to savepoint before_call'))
  if (code !== undefined) return { calls: [first], failure: { at: 'ROLLBACK TO', code } }
  return { calls: [first, await meeting.call(caller.db)] }
}

async function codeOf(statement: Promise<unknown>): Promise<string | undefined> {
  return statement.then(() => undefined, errorCode)
}
