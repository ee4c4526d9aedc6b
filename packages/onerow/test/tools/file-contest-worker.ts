import { once } from 'node:events'
import { isOnerowError } from 'onerow'
import { callersOfWorker } from './file-contest.ts'
import type { Ask, ContestStart, OpenFile } from './file-contest.ts'

// One of the two processes of a contest: calls for one key, and tells its parent how the calls ended.

// file-contest.ts wrote it.
const start = JSON.parse(String(process.argv[2])) as ContestStart
const { [start.export]: open } = (await import(start.module)) as Record<
  string,
  (where: string) => Promise<OpenFile>
>
if (!open) throw new TypeError(`${start.module} has no "${start.export}".`)
const insert = once(process, 'message')
let selected = 0
const { calls, close } = await open(start.where)
const ask = calls(async () => {
  selected += 1
  if (selected === callersOfWorker) process.send?.('selected')
  await insert
})[start.call]
if (!ask) throw new TypeError(`There is no call "${start.call}".`)
process.send?.(await Promise.all(Array.from({ length: callersOfWorker }, () => wordOf(ask))))
close()

async function wordOf(call: Ask): Promise<string> {
  try {
    const { created } = await call('ada@example.com')
    return created ? 'created' : 'found'
  } catch (error) {
    if (isOnerowError(error)) return error.kind
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
