import type { Database, Statement } from 'onerow'
import type { Engine, Parties } from './engine.ts'
import { isHeldUp } from './held-up.ts'
import type { Rival } from './rival.ts'
import type { Moment } from './situations.ts'
import { outcomeOf } from './verbs.ts'
import type { Outcome, Verb } from './verbs.ts'

/** A call and its rival, brought together at the moment that the situation says. */
export interface Meeting {
  /** To be awaited before the call, after what the caller has read: the rival may come here. */
  approach(): Promise<void>
  /** Makes the call; the first one meets the rival. */
  call(db: Database): Promise<Outcome>
  /** Whether the call has been seen to be held up by the rival. */
  readonly wasHeldUp: () => boolean
}

export function meetingOf(
  engine: Engine,
  parties: Parties,
  { rival, verb, moment }: { readonly rival: Rival; readonly verb: Verb; readonly moment: Moment },
): Meeting {
  let heldUp = false
  const comeAndGo = async (): Promise<void> => {
    if (rival.state() !== 'away') return
    await rival.act()
    await rival.end()
  }
  const startCall = (db: Database, refused: () => void): Promise<Outcome> => {
    const between = beforeFirstWrite(db, moment === 'inside the call' ? comeAndGo : async () => {})
    const seen = watchRefusals(between, (error) => engine.isRefusedByLock(error) && refused())
    return outcomeOf(verb.call(seen, moment === 'inside the call'))
  }
  return {
    wasHeldUp: () => heldUp,
    async approach() {
      if (moment === 'before the call') await comeAndGo()
      if (moment === 'during the call' && rival.state() === 'away') await rival.act()
    },
    async call(db) {
      let isRefused = false
      const outcome = startCall(db, () => {
        isRefused = true
      })
      if (rival.state() === 'there') {
        heldUp = await isHeldUp(parties, { party: 'caller', work: outcome, isRefused: () => isRefused })
        await rival.end()
      }
      return outcome
    },
  }
}

/** The database, with something that happens before each statement that writes. */
function beforeFirstWrite(db: Database, happen: () => Promise<void>): Database {
  return through(db, async (statement, execute) => {
    // A statement that reads and writes at once begins with WITH; there is no moment between the two.
    if (/^(insert|update)\b/.test(statement.text)) await happen()
    return execute(statement)
  })
}

/** The database, with a watcher of its statements' errors; the one that begins a transaction among them. */
function watchRefusals(db: Database, see: (error: unknown) => unknown): Database {
  const watched = through(db, async (statement, execute) => {
    try {
      return await execute(statement)
    } catch (error) {
      see(error)
      throw error
    }
  })
  return {
    ...watched,
    async begin(work, options) {
      try {
        return await watched.begin(work, options)
      } catch (error) {
        see(error)
        throw error
      }
    },
  }
}

type Execute = Database['execute']

/** The database, its statements sent through a function; those of the transactions that it begins, too. */
function through(
  db: Database,
  send: (statement: Statement, execute: Execute) => ReturnType<Execute>,
): Database {
  return {
    client: db.client,
    dialect: db.dialect,
    execute: (statement) => send(statement, (text) => db.execute(text)),
    inTransaction: () => db.inTransaction(),
    begin: (work, options) => db.begin((transaction) => work(through(transaction, send)), options),
  }
}
