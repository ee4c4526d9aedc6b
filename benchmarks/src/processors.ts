import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Those that this process may run on, which in a container need not be all that there are; none known but on Linux. */
export function allowedProcessors(): readonly number[] {
  if (process.platform !== 'linux') return []
  const [, list = ''] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return processorsIn(list)
}

/** `0-2,4` as the kernel writes it: 0, 1, 2 and 4. */
export function processorsIn(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/**
 * Has processes, with all their threads, run on these processors only. Those that have ended do not matter.
 *
 * @returns whether all of them do: it takes `taskset` of util-linux, and for another user's processes the right to (CAP_SYS_NICE)
 */
export function bind(pids: readonly number[], processors: readonly number[]): boolean {
  const bindEach =
    'for pid do taskset --all-tasks --cpu-list --pid "$0" "$pid" || ! test -e "/proc/$pid" || exit; done'
  return spawnSync('sh', ['-c', bindEach, processors.join(','), ...pids.map(String)]).status === 0
}
