import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { allowedProcessors } from './processors.ts'

export interface AwakeProcessors {
  /** For the settings of the results. */
  readonly settings: { readonly 'processors kept awake': 'yes' | 'no' }
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Keeps every processor from sleeping while something is measured. With one caller, client and server take turns: one sleeps until
 * the other has done its part. A processor with nothing to do halts; on a virtual machine it is then the hypervisor that has to
 * wake it, which takes 20 to 100 µs: as much as the call, and another time with each call. What is measured is then the machine.
 *
 * Each processor gets a process that is always ready to run, in the scheduler's idle class: it gives way as soon as any other
 * process wants to run there (sched(7): SCHED_IDLE), and weighs 3 where that one weighs 1,024, so it takes next to nothing from a
 * server that is busy. Each is bound to its processor. Unbound, they are moved about, and processors sleep in between.
 *
 * Where `chrt` and `taskset` of util-linux are missing, the lowest priority has to do. Only Linux is cared for: other systems have
 * no such class, or cannot bind a process.
 */
export async function keepProcessorsAwake(): Promise<AwakeProcessors> {
  await using stack = new AsyncDisposableStack()
  const processors = allowedProcessors()
  // There are fewer where a container has a quota of processor time, which these processes would use up.
  const isKept = processors.length > 0 && processors.length <= availableParallelism()
  for (const processor of isKept ? processors : []) stack.use(await keepAwake(processor))
  const kept = stack.move()
  return {
    settings: { 'processors kept awake': isKept ? 'yes' : 'no' },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function keepAwake(processor: number): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'inherit'] })
  await once(child, 'spawn')
  const { pid = 0 } = child // it has been started
  if (!succeeds('chrt', '--idle', '--pid', '0', pid)) setPriority(pid, 19)
  succeeds('taskset', '--cpu-list', '--pid', processor, pid)
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      // It would see the end of its input, but late where others keep its processor busy.
      child.kill('SIGKILL')
      await ended
    },
  }
}

const program = fileURLToPath(new URL('stay-awake.ts', import.meta.url))

function succeeds(command: string, ...options: readonly (string | number)[]): boolean {
  return spawnSync(command, options.map(String), { stdio: 'ignore' }).status === 0
}
