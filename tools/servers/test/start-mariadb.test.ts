import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { test } from 'node:test'

import { startMariadb } from '../src/index.ts'
import { mariadbAccount } from '../src/server-account.ts'
import { withMariadbConnection, type MariadbAddress } from '../src/with-mariadb-connection.ts'
import { inProc, listeningSockets } from './listening-sockets.ts'
import { parentProcess } from './parent-process.ts'
import { withMariadb } from './with-engine.ts'

test('starts in a temporary folder, answers, and removes the folder when stopped', withMariadb, async () => {
  const server = await startMariadb()
  assert.match(server.url, /^mariadb:\/\/onerow:[0-9a-f]{32}@127\.0\.0\.1:\d+\/$/)
  const [row] = await query(server, 'select version() as version, current_user() as account')
  assert.equal(row?.['account'], 'onerow@127.0.0.1')
  assert.match(String(row?.['version']), new RegExp(`^${server.version}-MariaDB`))
  await server.stop()
  assert.equal(existsSync(server.dataDirectory), false)
  assert.throws(() => process.kill(server.pid, 0))
  await server.stop() // a second time does no harm
})

test('has one account that can log in', withMariadb, async () => {
  await using server = await startMariadb()
  assert.deepEqual(
    await query(server, "select user, host from mysql.global_priv where user <> 'mariadb.sys'"),
    [{ user: 'onerow', host: '127.0.0.1' }],
  )
  await assert.rejects(query({ ...server, user: 'root', password: '' }, 'select 1'), /Access denied/)
  await assert.rejects(query({ ...server, password: 'wrong' }, 'select 1'), /Access denied/)
})

test('takes settings, but never listens beyond loopback', inProc(withMariadb), async () => {
  const settings = {
    max_connections: '37',
    'bind-address': '*',
    bind_address: '*',
    socket: '/tmp/onerow.sock',
  }
  await using server = await startMariadb({ settings })
  assert.deepEqual(await query(server, 'select @@max_connections as n'), [{ n: 37n }])
  const port = server.port.toString(16).toUpperCase().padStart(4, '0')
  assert.deepEqual(listeningSockets(server.pid), [`tcp 0100007F:${port}`])
})

test('many start at once, each with temporary files of its own', withMariadb, async () => {
  const servers = await Promise.all(Array.from({ length: 4 }, () => startMariadb()))
  for (const server of servers) {
    assert.deepEqual(await query(server, 'select @@tmpdir as tmpdir'), [{ tmpdir: server.dataDirectory }])
    await server.stop()
  }
})

test('runs as an unprivileged user', withMariadb, async () => {
  await using server = await startMariadb()
  const uid = mariadbAccount()?.uid ?? process.getuid?.()
  assert.equal(statSync(server.dataDirectory).uid, uid)
  assert.equal(statSync(server.dataDirectory).mode & 0o077, 0)
})

test('keeps what was committed when it is killed, and starts again in its place', withMariadb, async () => {
  await using server = await startMariadb()
  await query(server, 'create database d')
  await query(server, 'create table d.t (id int primary key)')
  const { pid, port } = server
  await withMariadbConnection(server, async (connection) => {
    for (let id = 1; id <= 200; id++) await connection.query('insert into d.t values (?)', [id])
    await connection.beginTransaction()
    await connection.query('insert into d.t values (201)')
    await server.kill()
  }).catch(() => {}) // its own end() finds no server
  await assert.rejects(query(server, 'select 1'), /ECONNREFUSED/)

  await server.restart()
  assert.equal(server.port, port)
  assert.notEqual(server.pid, pid)
  assert.deepEqual(await query(server, 'select count(*) as n, max(id) as last from d.t'), [
    { n: 200n, last: 200 },
  ])
})

test('goes when its process is killed', withMariadb, async () => {
  const parent = await parentProcess({ start: 'startMariadb' })
  assert.equal(existsSync(parent.server.dataDirectory), true)
  await parent.kill()
  await parent.serverGone()
  assert.equal(existsSync(parent.server.dataDirectory), false)
})

test('goes when its process ends without stopping it', withMariadb, async () => {
  const parent = await parentProcess({ start: 'startMariadb', afterStart: 'throw new Error("uncaught")' })
  await parent.serverGone()
  assert.equal(existsSync(parent.server.dataDirectory), false)
})

test('gives the words of the server for what is wrong', withMariadb, async () => {
  await assert.rejects(
    startMariadb({ settings: { 'no-such-setting': '1' } }),
    /did not start on .*correct it in the settings.*Its log ends:\n.*unknown variable 'no-such-setting=1'/s,
  )
})

async function query(
  address: MariadbAddress,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return await withMariadbConnection(address, (connection) => connection.query(text))
}
