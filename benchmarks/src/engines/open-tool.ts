import { fileURLToPath } from 'node:url'
import { openProcess } from '../asked-process.ts'
import type { ClientAnswers } from '../client-messages.ts'
import { engineTool } from './engine-contestants.ts'
import type { EngineToolName } from './engine-contestants.ts'
import type { EngineListAnswer, EngineRequest } from './engine-messages.ts'

/** A process with one tool and its connections. */
export interface OpenTool {
  readonly name: EngineToolName
  readonly coalesces: boolean
  readonly loop: (request: Asked<'loop'>) => Promise<ClientAnswers['loop']>
  readonly list: (request: Asked<'list'>) => Promise<EngineListAnswer>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

type Asked<What> = Omit<Extract<EngineRequest, { readonly do: What }>, 'do'>

export async function openTool(name: EngineToolName, target: string): Promise<OpenTool> {
  const { coalesces } = await engineTool(name)
  const its = await openProcess({
    name,
    program: process.execPath,
    arguments: ['--conditions=source', program, name, target],
  })
  const ask = <Answer extends object>(request: EngineRequest) => its.ask<Answer>(request)
  return {
    name,
    coalesces,
    loop: (request) => ask({ do: 'loop', ...request }),
    list: (request) => ask({ do: 'list', ...request }),
    [Symbol.asyncDispose]: its.close,
  }
}

const program = fileURLToPath(new URL('engine-process.ts', import.meta.url))
