import { readFileSync } from 'node:fs'
import type { Pool } from 'pg'

/** Finds, in `pg_stat_activity`, the connections of all but the one that asks. */
export const isContestants = `backend_type = 'client backend' and pid <> pg_backend_pid()`

/** The processor time of these processes so far, in microseconds. */
export function cpuOf(pids: readonly number[]): number {
  // Linux counts it in nanoseconds here, and in hundredths of a second in /proc/<pid>/stat. Elsewhere nobody does.
  if (process.platform !== 'linux') return Number.NaN
  const ofProcess = (pid: number) =>
    Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000
  return pids.reduce((sum, pid) => sum + ofProcess(pid), 0)
}

/** That of the contestants' connections, while they are open, and of the parallel workers that have ended. */
export async function contestantsCpu(pool: Pool, postmaster: number): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where ${isContestants}`,
  )
  return cpuOf(rows.map(({ pid }) => pid)) + cpuOfEnded(postmaster)
}

/** Of the processes that this one has started and waited for: fields 16 and 17 of proc_pid_stat(5), in hundredths of a second. */
function cpuOfEnded(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN
  // The second field is a name in brackets, which may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10_000
}
