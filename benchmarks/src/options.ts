import { parseArgs } from 'node:util'
import { workloads } from './workload.ts'
import type { Workload } from './workload.ts'

export interface Options {
  /** Which sections; all unless told. */
  readonly sections: readonly string[]
  readonly only: RegExp
  readonly workloads: readonly Workload[]
  /** All that are planned, unless told. */
  readonly callers: readonly number[] | undefined
  /** How many rows lists and tables have; all sizes that are planned, unless told. */
  readonly rows: readonly number[] | undefined
  readonly rounds: number
  /** How long each contestant is measured in each round. */
  readonly milliseconds: number
  /** How many calls the costs are an average of. */
  readonly calls: number
  /** Whether the results go into the folder. A run of a part does not unless told. */
  readonly isWritten: boolean
}

const usage = `npm run bench -- [options]
  --section <name>        of main.ts; may be repeated
  --only <regex>          contestants
  --workload <name>       ${workloads.join(', ')}; may be repeated
  --callers <number>      may be repeated
  --rows <number>         of lists and tables; may be repeated
  --rounds <number>       5 unless told
  --milliseconds <number> of each measurement; 250 unless told
  --calls <number>        that costs are an average of; 5000 unless told
  --write                 also write the results of a part`

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      section: { type: 'string', multiple: true },
      only: { type: 'string' },
      workload: { type: 'string', multiple: true },
      callers: { type: 'string', multiple: true },
      rows: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      milliseconds: { type: 'string' },
      calls: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { section, help, write, ...narrowing } = values
  if (help) {
    console.log(usage)
    process.exit()
  }
  return {
    sections: section ?? [],
    only: new RegExp(narrowing.only ?? '', 'i'),
    workloads: narrowing.workload?.map(workloadNamed) ?? workloads,
    callers: narrowing.callers?.map(positive),
    rows: narrowing.rows?.map(positive),
    rounds: positive(narrowing.rounds ?? '5'),
    milliseconds: positive(narrowing.milliseconds ?? '250'),
    calls: positive(narrowing.calls ?? '5000'),
    // A section that ran in full is as good as if all had run.
    isWritten: write || Object.keys(narrowing).length === 0,
  }
}

function workloadNamed(name: string): Workload {
  const workload = workloads.find((candidate) => candidate === name)
  if (workload) return workload
  throw new TypeError(`There is no workload "${name}", but ${workloads.join(', ')}.`)
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new TypeError(`"${text}" is no number above 0.`)
}
