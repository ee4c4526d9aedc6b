import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { isReachable } from './is-reachable.ts'
import { makeSharedDirectory } from './make-shared-directory.ts'
import { initdb, type PostgresPrograms } from './postgres-programs.ts'
import { accountName } from './server-account.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Makes a cluster in a new temporary folder. Nothing of it is safe from a crash of the machine. */
export async function temporaryDataDirectory(programs: PostgresPrograms, within?: string): Promise<string> {
  return await newCluster(programs, temporaryDirectory('postgres', programs.account, within), ['--no-sync'])
}

/** The folder with the cluster in `path`, made there if there is none yet. */
export async function keptDataDirectory(programs: PostgresPrograms, path: string): Promise<string> {
  const directory = resolve(path)
  refuseUnreachable(directory, programs)
  if (!existsSync(directory)) return await clusterAtOnce(programs, directory)
  refuseForeign(directory)
  const entries = readdirSync(directory)
  if (entries.includes('PG_VERSION')) return sameVersion(directory, programs)
  if (entries.length === 0) return await clusterIn(programs, directory)
  throw new Error(
    `The folder ${directory} holds files (${entries.slice(0, 3).join(', ')}) but no PostgreSQL cluster. ` +
      'Give an empty folder, or one that does not exist yet.',
  )
}

/** Makes a cluster in an empty folder that was made for it, and goes if there is none in the end. */
async function newCluster(
  programs: PostgresPrograms,
  directory: string,
  options: readonly string[] = [],
): Promise<string> {
  try {
    return await clusterIn(programs, directory, options)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

async function clusterIn(
  programs: PostgresPrograms,
  directory: string,
  options: readonly string[] = [],
): Promise<string> {
  const { account } = programs
  if (account) chownSync(directory, account.uid, account.gid)
  await initdb(programs, directory, options)
  return directory
}

/** A crash in the middle of initdb must not leave what looks like a cluster: it is renamed when complete. */
async function clusterAtOnce(programs: PostgresPrograms, directory: string): Promise<string> {
  const unfinished = await newCluster(programs, emptySibling(programs, directory))
  try {
    renameSync(unfinished, directory)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Another process was faster; its cluster is as good as ours.
    if (!existsSync(join(directory, 'PG_VERSION'))) throw error
  }
  const parent = openSync(dirname(directory), 'r')
  fsyncSync(parent)
  closeSync(parent)
  return directory
}

function emptySibling({ account }: PostgresPrograms, directory: string): string {
  const parent = dirname(directory)
  try {
    if (account) makeSharedDirectory(parent)
    else mkdirSync(parent, { recursive: true })
    return mkdtempSync(`${directory}.unfinished-`)
  } catch (cause) {
    throw new Error(
      `The data folder ${directory} cannot be made: ${(cause as Error).message}\n` + // node:fs throws Errors only
        'Give a folder whose parent can be written.',
      { cause },
    )
  }
}

function refuseUnreachable(directory: string, { account }: PostgresPrograms): void {
  // Of the folder itself, clusterIn makes the account the owner.
  if (!account || isReachable(dirname(directory), account)) return
  throw new Error(
    `PostgreSQL refuses to run as root, and the user that it runs as instead, ${accountName(account.uid)}, ` +
      `cannot enter the folders above the data folder ${directory}. Open them to it (chmod o+x), ` +
      'or give another folder: reachableDataDirectory() finds one.',
  )
}

function refuseForeign(directory: string): void {
  const uid = process.getuid?.()
  const owner = statSync(directory).uid
  if (uid === 0 || uid === owner) return
  throw new Error(
    `The data folder ${directory} belongs to the user ${accountName(owner)}, and PostgreSQL runs only as the ` +
      'owner of its data. Start this program as that user, or as root, or give another folder.',
  )
}

function sameVersion(directory: string, { version }: PostgresPrograms): string {
  const made = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim()
  if (made === version.split('.')[0]) return directory
  throw new Error(
    `The data folder ${directory} was made by PostgreSQL ${made}, and this is PostgreSQL ${version}, which ` +
      `cannot read it. Start it with the programs of PostgreSQL ${made} (binDirectory), move the data with ` +
      'pg_dump or pg_upgrade, or give another folder.',
  )
}
