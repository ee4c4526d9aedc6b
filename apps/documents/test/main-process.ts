import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** `npm start`, in a process of its own. */
export interface MainProcess extends AsyncDisposable {
  readonly url: string
  /** Sends the signal and returns the exit code and what was said on stderr. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

export interface Ended {
  readonly code: unknown
  readonly stderr: string
}

/** Starts it with these variables; any other that it reads is unset. Throws what it says on stderr when it ends. */
export async function startMain(env: NodeJS.ProcessEnv): Promise<MainProcess> {
  const { ready, stop } = spawnMain(env)
  const url = await ready
  if (url === undefined) throw new Error((await stop()).stderr)
  return { url, stop, [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')) }
}

/** Starts it where it must not run, and returns how it ended. */
export async function runMain(env: NodeJS.ProcessEnv): Promise<Ended> {
  const { ready, stop } = spawnMain(env)
  await ready
  return stop()
}

function spawnMain(env: NodeJS.ProcessEnv): {
  readonly ready: Promise<string | undefined>
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>
} {
  const unset = { DATABASE_URL: '', HOST: '', PORT: '', ONEROW_DATA: '' }
  const child = spawn(process.execPath, ['--conditions=source', main], {
    env: { ...process.env, ...unset, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ready = new Promise<string | undefined>((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      const [, url] = /Documents: (\S+)[^]*Ctrl-C/.exec(stdout) ?? []
      if (url !== undefined) resolve(url)
    })
    void closed.then(() => resolve(undefined))
  })
  return {
    ready,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      const [code] = await closed
      return { code, stderr }
    },
  }
}
