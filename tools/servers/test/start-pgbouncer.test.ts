import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { test } from 'node:test'

import { hasPgbouncer, installCommand, startPgbouncer, testDatabase } from '../src/index.ts'
import { serverAccount } from '../src/server-account.ts'
import { withClient } from '../src/with-client.ts'
import { inProc, listeningSockets } from './listening-sockets.ts'

const withPgbouncer = {
  skip: hasPgbouncer() ? false : `PgBouncer is not installed: ${installCommand.pgbouncer}`,
}

test('hands server connections over between transactions, and goes when stopped', withPgbouncer, async () => {
  await using database = await testDatabase({ name: 'pgbouncer' })
  const pgbouncer = await startPgbouncer({ url: database.url, serverConnections: 1 })
  try {
    const query = (text: string) => withClient(pgbouncer.url, (client) => client.query(text))
    await query("set lock_timeout = '7s'")
    // Another client, on the same server connection, and nobody has reset it.
    const { rows } = await query("select current_setting('lock_timeout') as patience")
    assert.deepEqual(rows, [{ patience: '7s' }])
  } finally {
    await pgbouncer.stop()
  }
  assert.equal(existsSync(pgbouncer.directory), false)
  assert.throws(() => process.kill(pgbouncer.pid, 0))
  await pgbouncer.stop() // a second time does no harm
})

test('listens on loopback only, as an unprivileged user', inProc(withPgbouncer), async () => {
  await using database = await testDatabase({ name: 'pgbouncer' })
  await using pgbouncer = await startPgbouncer({ url: database.url })
  const port = pgbouncer.port.toString(16).toUpperCase().padStart(4, '0')
  assert.deepEqual(listeningSockets(pgbouncer.pid), [`tcp 0100007F:${port}`])
  assert.equal(statSync(pgbouncer.directory).uid, serverAccount()?.uid ?? process.getuid?.())
  assert.equal(statSync(pgbouncer.directory).mode & 0o077, 0)
})
