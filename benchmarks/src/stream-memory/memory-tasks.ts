import type { Existing } from '../bulk/item-list.ts'
import type { ListFigures } from '../bulk/measure-list.ts'

/** A stream or an array of calls, and the heap that Node is given for it. */
export interface MemoryTask {
  readonly name: string
  readonly contestant: 'onerow: stream' | 'onerow: array'
  /** How much of the length that is asked for. */
  readonly part: number
  readonly existing: Existing
  readonly nodeOptions?: readonly string[]
}

/** The room for new objects that V8 took before Node 24, which doubled it. */
export const youngAsBefore = ['--max-semi-space-size=16'] as const

/** What V8 needs no more than for a stream; unless told, it lets garbage lie as long as the machine has room. */
export const smallHeap = ['--max-semi-space-size=8', '--max-old-space-size=64'] as const

export const memoryTasks: readonly MemoryTask[] = [
  { name: 'stream: all made', contestant: 'onerow: stream', part: 1, existing: 'none' },
  { name: 'stream: all found', contestant: 'onerow: stream', part: 1, existing: 'all' },
  { name: 'stream of a tenth: all made', contestant: 'onerow: stream', part: 0.1, existing: 'none' },
  {
    name: 'stream, new objects as in Node 22: all made',
    contestant: 'onerow: stream',
    part: 1,
    existing: 'none',
    nodeOptions: youngAsBefore,
  },
  {
    name: 'stream, new objects as in Node 22: all found',
    contestant: 'onerow: stream',
    part: 1,
    existing: 'all',
    nodeOptions: youngAsBefore,
  },
  {
    name: 'stream, small heap: all made',
    contestant: 'onerow: stream',
    part: 1,
    existing: 'none',
    nodeOptions: smallHeap,
  },
  {
    name: 'stream, small heap: all found',
    contestant: 'onerow: stream',
    part: 1,
    existing: 'all',
    nodeOptions: smallHeap,
  },
  { name: 'array: all made', contestant: 'onerow: array', part: 1, existing: 'none' },
  { name: 'array: all found', contestant: 'onerow: array', part: 1, existing: 'all' },
]

export interface MemoryFigures extends ListFigures {
  readonly task: string
}
