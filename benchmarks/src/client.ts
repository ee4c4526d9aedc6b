import { fileURLToPath } from 'node:url'
import { openProcess } from './asked-process.ts'
import type {
  AtOnceRequest,
  CallsRequest,
  ClientAnswers,
  ClientRequest,
  LoopRequest,
} from './client-messages.ts'
import type { Entrant } from './contestants.ts'

/** A process with one contestant and its pool, for as long as it is asked. */
export interface Client {
  readonly pid: number
  readonly loop: (request: LoopRequest) => Promise<ClientAnswers['loop']>
  readonly calls: (request: CallsRequest) => Promise<ClientAnswers['calls']>
  readonly atOnce: (request: AtOnceRequest) => Promise<ClientAnswers['at once']>
  /** Resolves when the process has ended, and its connections with it. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** How many connections every contestant has. */
export const connections = 10

export async function openClient(contestant: Entrant, url: string): Promise<Client> {
  const [program, ...options] = commandOf(contestant)
  const { pid, ask, close } = await openProcess({
    name: contestant.name,
    program,
    arguments: [...options, url, String(connections)],
  })
  const send = <Answer extends object>(request: ClientRequest) => ask<Answer>(request)
  return {
    pid,
    loop: (request) => send({ do: 'loop', ...request }),
    calls: (request) => send({ do: 'calls', ...request }),
    atOnce: (request) => send({ do: 'at once', ...request }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function commandOf(contestant: Entrant): readonly [string, ...string[]] {
  if (!('program' in contestant)) {
    const program = fileURLToPath(new URL('client-process.ts', import.meta.url))
    return [process.execPath, '--conditions=source', program, contestant.tool, contestant.name]
  }
  const { program } = contestant
  if ('missing' in program) throw new Error(`${contestant.name}: ${program.missing}.`)
  return [program.command, program.file]
}
