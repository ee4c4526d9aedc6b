// Started by load-process.ts: callers in a process of their own.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { verbs } from './call.ts'
import type { Call } from './call.ts'
import { countErrors } from './count-errors.ts'
import { errorName } from './error-name.ts'
import { newLedger } from './ledger.ts'
import type { LoadMessage, LoadStart } from './load-process.ts'
import { openTool } from './open-tool.ts'
import { runCallers } from './run-callers.ts'
import { newTally } from './tally.ts'

/** How long a caller waits before it repeats a call that failed, in milliseconds. */
const beforeRepeat = 50

/** How long to wait for the calls that are under way when the load is over, in milliseconds. */
const patience = 60_000

const hotOwners = 20
const moments = 10_000_000

const [, , argument = ''] = process.argv
// load-process.ts wrote it.
const { tool, urls, callers } = JSON.parse(argument) as LoadStart
const ledger = newLedger()
const [errors, retries] = [newTally(), newTally()]
const databases = urls.map((url) =>
  countErrors(openTool[tool](url, Math.ceil(callers / urls.length / 2)).db, retries),
)
let stopped = false
let [answered, waiting, longest] = [0, callers, 0]

/** For a row that is wanted always, one that everybody wants at this moment, or one that nobody else wants. */
function randomCall(): Call {
  const owners = [
    randomInt(hotOwners),
    hotOwners + (Math.floor(Date.now() / 50) % moments),
    hotOwners + moments + randomInt(1_000_000_000),
  ]
  return { verb: verbs[randomInt(verbs.length)] ?? 'get', owner: owners[randomInt(owners.length)] ?? 0 }
}

const calling = runCallers(
  {
    databases,
    callers,
    next() {
      if (!stopped) return randomCall()
      waiting--
      return undefined
    },
    answered(took) {
      answered++
      longest = Math.max(longest, took)
    },
    async failed(error, took) {
      errors.add(errorName(error))
      longest = Math.max(longest, took)
      await wait(beforeRepeat)
    },
  },
  ledger,
)
const stop = once(process, 'message')
await send({ kind: 'calling' })
await stop
stopped = true
await Promise.race([calling, wait(patience)])
await send({
  kind: 'done',
  result: {
    accounts: ledger.accounts(),
    answered,
    errors: errors.counts(),
    retries: retries.counts(),
    hung: waiting,
    longest,
  },
})
// What hangs must not keep the process.
process.once('disconnect', () => process.exit())

function send(message: LoadMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
