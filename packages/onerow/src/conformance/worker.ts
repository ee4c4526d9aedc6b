// Started by workers.ts: calls onerow from a process of its own.
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateResult } from '../get-or-create.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { declareItems } from './items.ts'
import type { Item } from './items.ts'
import type { Open, OpenDatabase } from './open.ts'
import type { Verb, WorkerCalls, WorkerMessage, WorkerOrder, WorkerResult } from './workers.ts'

const [, , path = ''] = process.argv
const module = (await import(path)) as Readonly<Record<string, Open | undefined>>
/** Each is opened once: to open one, with as many connections as there are callers, takes longer than most cases. */
const databases = new Map<string, Promise<OpenDatabase>>()
let calls: Calls | undefined

process.on('message', (order: WorkerOrder) => void obey(order))
// The suite has ended; or a case has failed, and then nobody waits for what this is in the middle of.
process.once('disconnect', () => process.exit())
await send({ kind: 'started' })

async function obey(order: WorkerOrder): Promise<void> {
  if (order.kind === 'open') {
    calls = await callsOf(order)
    return send({ kind: 'opened' })
  }
  if (!calls) throw new TypeError(`"${order.kind}" was asked for before "open".`)
  return callAll(calls, order)
}

type Call = (owner: number) => Promise<GetOrCreateResult<Item>>

type OpenOrder = Extract<WorkerOrder, { readonly kind: 'open' }>

/** How to call onerow on the table of one case. */
type Calls = Readonly<Record<Verb, Call>>

async function callsOf({ table, ...its }: OpenOrder): Promise<Calls> {
  const { db } = await databaseOf(its)
  const { key } = declareItems(table)
  const create = { label: `process ${process.pid}` }
  return {
    getOrCreate: (owner) => getOrCreate(db, key, { where: { owner, kind: 'a' }, create }),
    increment: (owner) =>
      updateOrCreate(db, key, {
        where: { owner, kind: 'a' },
        update: async ({ amount }) => ({ amount: amount + 1 }),
        create: { ...create, amount: 1 },
      }),
  }
}

function databaseOf({ export: name, where, options }: Omit<OpenOrder, 'table'>): Promise<OpenDatabase> {
  const open = module[name]
  if (!open) throw new TypeError(`${path} exports no "${name}".`)
  const one = JSON.stringify([name, where, options])
  let database = databases.get(one)
  if (!database) databases.set(one, (database = open(where, options)))
  return database
}

async function callAll(verbs: Calls, { verb, callers, owners }: WorkerCalls): Promise<void> {
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
