import { readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Recorded by PostgreSQL in postmaster.opts: the process that started the server and stops it. */
export const ownerSetting = 'onerow.owner'

/** The server that holds a data folder, as its postmaster.pid and postmaster.opts tell. */
export interface DataDirectoryHolder {
  readonly pid: string
  readonly port: string
  /** It is shutting down, or will: the process that started it is dead. */
  readonly leaving: boolean
}

/** Who holds the data folder; undefined when nobody does. */
export function dataDirectoryHolder(directory: string): DataDirectoryHolder | undefined {
  // Lines: pid, data folder, start time, port, socket folder, listen address, shared memory, status.
  const lines = readIfThere(join(directory, 'postmaster.pid'))?.split('\n')
  if (lines?.[0] === undefined) return undefined
  const owner = /"onerow\.owner=(\d+)"/.exec(readIfThere(join(directory, 'postmaster.opts')) ?? '')?.[1]
  const leaving = lines[7]?.trim() === 'stopping' || (owner !== undefined && !isRunning(Number(owner)))
  return { pid: lines[0], port: lines[3] ?? '', leaving }
}

/**
 * Waits for a server that is leaving the data folder. Returns the server that stays there instead, or does not
 * go within `limit` milliseconds; undefined when the folder is free.
 */
export function dataDirectoryLeft(
  directory: string,
  limit = 10_000,
): Promise<DataDirectoryHolder | undefined> {
  return new Promise((resolve) => {
    const settle = (): void => {
      watcher.close()
      clearTimeout(timer)
      resolve(dataDirectoryHolder(directory))
    }
    const check = (): void => {
      if (!dataDirectoryHolder(directory)?.leaving) settle()
    }
    // Watched before the first look, so that no change falls between the two.
    const watcher = watch(directory, check).on('error', settle)
    const timer = setTimeout(settle, limit)
    check()
  })
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
