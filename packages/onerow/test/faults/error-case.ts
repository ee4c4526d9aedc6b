import type { Database, IsolationLevel } from 'onerow'
import { openCallers } from '../../src/conformance/blocked.ts'
import type { Engine } from '../../src/conformance/engine.ts'
import { createItems } from '../../src/conformance/items.ts'
import type { Items } from '../../src/conformance/items.ts'
import type { Session } from 'onerow/conformance'
import { errorCode, telling } from './error-code.ts'
import type { ErrorCode } from './error-code.ts'

/** What calls race on, and who. */
export interface Scene extends Items {
  readonly engine: Engine
  /** Whose calls meet the error. Its `db` tells {@link Scene.codes}. */
  readonly caller: Session
  readonly rival: Session
  /** The codes of the errors that the caller's statements have raised, in their order, but for unique violations. */
  readonly codes: readonly ErrorCode[]
  readonly untilBlocked: (calls: readonly Promise<unknown>[]) => Promise<void>
  /** Runs once, when the caller's statement has raised its first error, before the call hears of it. */
  atFirstError: () => Promise<unknown>
  /** What the rival has still to do, and will when it is no longer held up. */
  readonly pending: Promise<unknown>[]
}

/** An answer of one of the verbs. */
export type Answer = Promise<{ readonly row: { readonly owner: number } }>

/** How one error of the database is brought about, for real. */
export interface ErrorCase {
  readonly code: ErrorCode
  readonly name: string
  /** Where it comes out; at a statement of a call unless told. */
  readonly at?: 'commit'
  readonly isolation?: IsolationLevel
  /** How the caller opens a transaction of its own. */
  readonly begin: readonly string[]
  readonly prepare?: (scene: Scene) => Promise<void>
  /** What runs in a transaction and meets the error at its first run. */
  readonly inTransaction: (scene: Scene, db: Database, run: number) => Answer
  /** A call that owns its transaction and meets the error, or why there is none. */
  readonly alone: ((scene: Scene) => Answer) | string
  /** Why `transaction` cannot meet it, if so. */
  readonly neverInOurs?: string
}

export async function openScene(engine: Engine, { prepare }: ErrorCase): Promise<Scene> {
  const items = await createItems(engine)
  const { sessions, untilBlocked } = await openCallers(engine, items.name, 1)
  const [caller] = sessions
  if (!caller) throw new TypeError('One session was asked for.')
  const codes: ErrorCode[] = []
  const db = telling(caller.db, async (error) => {
    const code = errorCode(error)
    // A unique violation is how MariaDB says that the row is there, and no failure.
    if (code === undefined || caller.db.dialect.classify(error).kind === 'unique-violation') return
    if (codes.push(code) === 1) await scene.atFirstError()
  })
  const scene: Scene = {
    ...items,
    engine,
    caller: { ...caller, db },
    rival: await engine.session(),
    codes,
    untilBlocked,
    atFirstError: async () => {},
    pending: [],
  }
  await prepare?.(scene)
  return scene
}
