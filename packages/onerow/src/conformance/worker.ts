// Started by workers.ts: calls onerow from a process of its own.
import { getOrCreate } from '../get-or-create.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { declareItems } from './items.ts'
import type { Open } from './open.ts'
import type { Verb, WorkerCalls, WorkerMessage, WorkerResult, WorkerStart } from './workers.ts'

const [, , argument = ''] = process.argv
// workers.ts wrote it.
const start = JSON.parse(argument) as WorkerStart
const module = (await import(start.module)) as Readonly<Record<string, Open | undefined>>
const open = module[start.export]
if (!open) throw new TypeError(`${start.module} exports no "${start.export}".`)
const database = await open(start.where, start.options)
const { key } = declareItems(start.table)

const create = { label: `process ${process.pid}` }

const verbs = {
  getOrCreate: (owner: number) => getOrCreate(database.db, key, { where: { owner, kind: 'a' }, create }),
  increment: (owner: number) =>
    updateOrCreate(database.db, key, {
      where: { owner, kind: 'a' },
      update: async ({ amount }) => ({ amount: amount + 1 }),
      create: { ...create, amount: 1 },
    }),
}

process.on('message', (calls: WorkerCalls) => void callAll(calls))
process.once('disconnect', () => void database.close())
await send({ kind: 'ready' })

async function callAll({ verb, callers, owners }: WorkerCalls): Promise<void> {
  // Said before the first call, and waited for: a driver that blocks the process would keep it from being said.
  await send({ kind: 'calling' })
  const results = await Promise.all(Array.from({ length: callers }, () => callInTurn(verb, owners)))
  await send({ kind: 'done', results: results.flat() })
}

async function callInTurn(verb: Verb, owners: readonly number[]): Promise<readonly WorkerResult[]> {
  const results: WorkerResult[] = []
  for (const owner of owners) results.push(await call(verb, owner))
  return results
}

async function call(verb: Verb, owner: number): Promise<WorkerResult> {
  try {
    const { row, created } = await verbs[verb](owner)
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
