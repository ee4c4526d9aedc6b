// Started by workers.ts: calls onerow from a process of its own.
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateResult } from '../get-or-create.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { declareItems } from './items.ts'
import type { Item } from './items.ts'
import type { Open } from './open.ts'
import type {
  Verb,
  WorkerCalls,
  WorkerDatabase,
  WorkerMessage,
  WorkerOrder,
  WorkerResult,
  WorkerStart,
} from './workers.ts'

const [, , argument = ''] = process.argv
// workers.ts wrote it.
const start = JSON.parse(argument) as WorkerStart
const module = (await import(start.module)) as Readonly<Record<string, Open | undefined>>
const exported = module[start.export]
if (!exported) throw new TypeError(`${start.module} exports no "${start.export}".`)
const open: Open = exported
let opened: Opened | undefined

process.on('message', (order: WorkerOrder) => void obey(order))
// The suite has ended; or a case has failed, and then nobody waits for what this is in the middle of.
process.once('disconnect', () => process.exit())
await send({ kind: 'started' })

async function obey(order: WorkerOrder): Promise<void> {
  if (order.kind === 'open') {
    opened = await openItems(order)
    return send({ kind: 'opened' })
  }
  if (!opened) throw new TypeError(`"${order.kind}" was asked for before "open".`)
  if (order.kind === 'call') return callAll(opened, order)
  const { close } = opened
  opened = undefined
  await close()
  await send({ kind: 'closed' })
}

type Call = (owner: number) => Promise<GetOrCreateResult<Item>>

/** The table of one case, and how to call onerow on it. */
interface Opened {
  readonly verbs: Readonly<Record<Verb, Call>>
  readonly close: () => Promise<void>
}

async function openItems({ options, table }: WorkerDatabase): Promise<Opened> {
  const { db, close } = await open(start.where, options)
  const { key } = declareItems(table)
  const create = { label: `process ${process.pid}` }
  return {
    verbs: {
      getOrCreate: (owner) => getOrCreate(db, key, { where: { owner, kind: 'a' }, create }),
      increment: (owner) =>
        updateOrCreate(db, key, {
          where: { owner, kind: 'a' },
          update: async ({ amount }) => ({ amount: amount + 1 }),
          create: { ...create, amount: 1 },
        }),
    },
    close,
  }
}

async function callAll({ verbs }: Opened, { verb, callers, owners }: WorkerCalls): Promise<void> {
  // Said before the first call, and waited for: a driver that blocks the process would keep it from being said.
  await send({ kind: 'calling' })
  const results = await Promise.all(Array.from({ length: callers }, () => callInTurn(verbs[verb], owners)))
  await send({ kind: 'done', results: results.flat() })
}

async function callInTurn(call: Call, owners: readonly number[]): Promise<readonly WorkerResult[]> {
  const results: WorkerResult[] = []
  for (const owner of owners) results.push(await outcomeOf(call, owner))
  return results
}

async function outcomeOf(call: Call, owner: number): Promise<WorkerResult> {
  try {
    const { row, created } = await call(owner)
    return { owner, id: row.id, created }
  } catch (error) {
    return { owner, error: String(error) }
  }
}

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
