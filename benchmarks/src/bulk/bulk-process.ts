// One contestant in a process of its own: `bulk-process.ts <tool> <contestant> <url>`.
import { answerRequests } from '../answer-requests.ts'
import { bulkContestantsOf } from './bulk-contestants.ts'
import type { BulkTool } from './bulk-contestants.ts'
import type { BulkAnswer, BulkRequest } from './bulk-messages.ts'
import { itemList } from './item-list.ts'

// measure-list.ts gives these.
const [tool, name, url] = process.argv.slice(2) as [BulkTool, string, string]

const contestant = (await bulkContestantsOf(tool)).find((candidate) => candidate.name === name)
if (!contestant) throw new TypeError(`There is no "${name}".`)
const { run, close } = contestant.open(url)
await answerRequests(async ({ length, first, label }: BulkRequest): Promise<BulkAnswer> => {
  const memoryBefore = process.memoryUsage.rss()
  let peakHeap = 0
  // Who does not let go of the processor for a while is not looked at meanwhile.
  const watch = setInterval(() => (peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed)), 20)
  let [rows, created] = [0, 0]
  const [started, cpuBefore] = [performance.now(), process.cpuUsage()]
  await run(itemList(length, first, label), (_, isNew) => {
    rows++
    if (isNew) created++
  })
  const milliseconds = performance.now() - started
  const { user, system } = process.cpuUsage(cpuBefore)
  clearInterval(watch)
  peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed)
  // libuv gives it in kilobytes.
  const peakMemory = process.resourceUsage().maxRSS * 1024
  return { milliseconds, rows, created, cpu: user + system, memoryBefore, peakMemory, peakHeap }
})
await close()
