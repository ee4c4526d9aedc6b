import assert from 'node:assert/strict'
import type { Engine, Parties } from './engine.ts'
import { errorCode } from './error-code.ts'
import { send } from './held-up.ts'
import type { Sent } from './held-up.ts'

/** `away`: has sent nothing; `there`: has made its change; `waits`: for a lock of the caller's; `gone`: has ended. */
export type RivalState = 'away' | 'there' | 'waits' | 'gone'

/** A transaction that comes in between. */
export interface Rival {
  readonly state: () => RivalState
  /** Makes its change, or is found waiting. */
  act(): Promise<void>
  /** Ends its transaction, or is found waiting, unless it waits already. */
  end(): Promise<void>
  /** Goes on with what it waited for; the caller has ended. Answers the error's code that it met, if any. */
  finish(): Promise<string | undefined>
}

export interface RivalSteps {
  /** What it reads before it makes its change. */
  readonly reads?: readonly string[]
  /** Changes one row. */
  readonly change: string
  readonly ends: 'commit' | 'rollback'
}

/** The rival of a race; nothing is sent yet. */
export function rivalOf(engine: Engine, parties: Parties, { reads = [], change, ends }: RivalSteps): Rival {
  const steps = ['begin', ...reads, change, ends]
  let next = 0
  let held: Sent | undefined
  const advance = async (end: number): Promise<void> => {
    for (; next < end && !held; next++) {
      const text = steps[next] ?? assert.fail()
      const sent = await send(engine, parties, { party: 'rival', text })
      if (sent.waits) held = sent
      else if (text === change) await requireChange(sent, text)
    }
  }
  const goOn = async (waiting: Sent): Promise<void> => {
    held = undefined
    await waiting.done()
    // `next` is the step after the one that was held up.
    await advance(steps.length)
  }
  const state = (): RivalState => {
    if (held) return 'waits'
    if (next === 0) return 'away'
    return next < steps.length ? 'there' : 'gone'
  }
  return {
    state,
    act: () => advance(steps.length - 1),
    end: () => advance(steps.length),
    async finish() {
      assert.notEqual(state(), 'there', 'the rival was left in its transaction')
      if (!held) return undefined
      try {
        return await goOn(held).then(() => undefined)
      } catch (error) {
        await parties.rival.run('rollback').catch(() => undefined)
        return errorCode(error)
      }
    },
  }
}

/** The race is one only if the rival has found the row that it was to change. */
async function requireChange(sent: Sent, text: string): Promise<void> {
  assert.equal((await sent.done()).changed, 1, `the rival changed no row: ${text}`)
}
