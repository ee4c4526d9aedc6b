import { existsSync } from 'node:fs'

import { installCommand } from './install-command.ts'
import { hasMariadb, mariadbPrograms, programPath, type MariadbPrograms } from './mariadb-programs.ts'

export interface GaleraPrograms extends MariadbPrograms {
  /** The library that replicates. */
  readonly provider: string
}

/** Whether this machine has all that a Galera cluster of MariaDB needs. */
export function hasGalera(): boolean {
  return hasMariadb() && missing().length === 0
}

/** Finds them. */
export async function galeraPrograms(): Promise<GaleraPrograms> {
  const programs = await mariadbPrograms()
  const provider = providerPath()
  if (provider !== undefined && missing().length === 0) return { ...programs, provider }
  throw new Error(
    `A Galera cluster needs what is not installed: ${missing().join(', ')}. ` +
      `Debian's are added by: ${installCommand.mariadb}`,
  )
}

function missing(): readonly string[] {
  return [
    ...(providerPath() === undefined ? ['libgalera_smm.so'] : []),
    // A node that joins without the data gets them by rsync; its script watches the ports by one of the others.
    ...(programPath('rsync') === undefined ? ['rsync'] : []),
    ...((programPath('ss') ?? programPath('lsof')) ? [] : ['ss (or lsof)']),
  ]
}

function providerPath(): string | undefined {
  // Debian's and Ubuntu's package; Red Hat's and SUSE's.
  const paths = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so']
  return paths.find((path) => existsSync(path))
}
