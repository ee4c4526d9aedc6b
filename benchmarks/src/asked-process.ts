import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Failed, Ready } from './client-messages.ts'

/** A process that answers requests, one after the other: each a line of JSON on its standard input, and on its output. */
export interface AskedProcess {
  readonly pid: number
  readonly ask: <Answer extends object>(request: object) => Promise<Answer>
  /** Resolves when the process has ended, and its connections with it. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export interface Command {
  /** Whom errors speak of. */
  readonly name: string
  readonly program: string
  readonly arguments: readonly string[]
  /** How long the slowest answer may take, in milliseconds: who hangs fails, and the others go on. Two minutes unless told. */
  readonly patience?: number
}

/** Starts it. Resolves when it can be asked. */
export async function openProcess({ name, patience = 120_000, ...command }: Command): Promise<AskedProcess> {
  const child = spawn(command.program, command.arguments, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  // What is written to a process that has ended fails; that it has ended is told by its output.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async <Answer extends object>(): Promise<Answer> => {
    const late = setTimeout(() => child.kill('SIGKILL'), patience)
    const { value: line, done } = await lines.next()
    clearTimeout(late)
    if (done) throw new Error(`${name}: its process has ended, or did not answer in ${patience / 1000} s.`)
    // As the messages of the two are declared.
    const message = JSON.parse(line) as Answer | Failed
    if ('error' in message) throw new Error(`${name}: ${message.error}`)
    return message
  }
  const close = async () => {
    child.stdin.end()
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(late)
  }
  try {
    await answer<Ready>()
  } catch (error) {
    await close()
    throw error
  }
  return {
    // It has answered, so it was started.
    pid: child.pid ?? 0,
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return answer()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
