import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { processorsIn } from '../src/processors.ts'

const module = new URL('../src/keep-processors-awake.ts', import.meta.url).href

/** A benchmark that keeps the processors awake, then lets go of them when its input ends. */
const benchmark = `
const { keepProcessorsAwake } = await import('${module}')
await using awake = await keepProcessorsAwake()
console.log(awake.settings['processors kept awake'])
for await (const _ of process.stdin);`

// What keeps a processor awake has the benchmark's standard error, which closes only when all of them have ended.
async function startBenchmark() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', benchmark])
  const closed = once(child, 'close')
  const [told] = await once(child.stdout, 'data')
  return { child, closed, areKept: String(told).trim() === 'yes' }
}

test('the processes that keep the processors awake end with the benchmark', async () => {
  const { child, closed } = await startBenchmark()
  child.stdin.end()
  const [status] = await closed
  assert.equal(status, 0)
})

test('they end when it is killed, too', async () => {
  const { child, closed } = await startBenchmark()
  child.kill('SIGKILL')
  await closed
})

test('there is one of the idle class for each processor', async (context) => {
  if (spawnSync('chrt', ['--version']).status !== 0) return context.skip('there is no chrt')
  const { child, closed, areKept } = await startBenchmark()
  const { stdout } = spawnSync('ps', ['--ppid', String(child.pid), '-o', 'cls='], { encoding: 'utf8' })
  child.stdin.end()
  await closed
  assert.deepEqual(
    stdout.split('\n').filter(Boolean),
    Array(areKept ? availableParallelism() : 0).fill('IDL'),
  )
})

test("the kernel's lists of processors are understood", () => {
  assert.deepEqual(processorsIn('0-2,4,8-9'), [0, 1, 2, 4, 8, 9])
})
