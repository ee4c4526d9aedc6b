import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface DelayingProxy {
  readonly port: number
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Makes the server at `port` a distant one, behind another port.
 *
 * @param roundTrip the milliseconds by which a round trip takes longer: half of them on the way there, half on the way back
 */
export async function startDelayingProxy(port: number, roundTrip: number): Promise<DelayingProxy> {
  const program = fileURLToPath(new URL('delaying-proxy.ts', import.meta.url))
  const child = spawn(process.execPath, [program, String(port), String(roundTrip / 2)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [told] = await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('The delaying proxy has ended before it was ready.'))),
  ])
  return {
    port: Number(told),
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}
