import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { readyForQuery } from '@onerow/servers'
import { createItems } from '../../src/conformance/items.ts'
import { openSystems } from './systems.ts'
import { kind, verbs } from './verbs.ts'

// A connection is lost in the very moment in which the pool hands it from one call to the next: the reply to the one and
// the server's last word come together. Who listens for errors then? With nobody, the process ends.

/** A way to a server, on which a connection's replies from a moment on are held back until the server has closed it. */
async function startHoldingProxy(server: URL) {
  const held = { from: '', replied: Promise.withResolvers<void>() }
  const listener = createServer((client) => pass(client, connect(Number(server.port), '127.0.0.1')))
  const pass = (client: Socket, upstream: Socket): void => {
    let holding: Buffer[] | undefined
    client.on('data', (bytes) => {
      if (held.from && bytes.includes(held.from)) {
        held.from = ''
        holding = []
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (holding) {
        holding.push(bytes)
        if (readyForQuery(Buffer.concat(holding))) held.replied.resolve()
      } else client.write(bytes)
    })
    upstream.on('end', () => client.end(Buffer.concat(holding ?? [])))
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  }
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const where = new URL(server)
  where.port = String((listener.address() as AddressInfo).port) // a TCP server's address, once it listens
  return {
    where: where.href,
    /** Holds back the replies to what is sent from these bytes on, on one connection; resolves when there is one. */
    holdFrom: (bytes: string): Promise<void> => {
      held.from = bytes
      return held.replied.promise
    },
    close: () => void listener.close(),
  }
}

for (const { test, open, tool } of await openSystems('error_between_users', ['postgres'])) {
  // postgres.js has no events.
  if (tool !== 'pg') continue
  for (const { name, call } of verbs) {
    test(`the server's last word comes with the reply to the call before: ${name}`, async (engine, where) => {
      const { key, rows } = await createItems(engine)
      const uncaught: unknown[] = []
      const hear = (error: unknown) => void uncaught.push(error)
      process.on('uncaughtExceptionMonitor', hear)
      const proxy = await startHoldingProxy(new URL(where))
      const { db, close } = await open(proxy.where, { connections: 1 })
      try {
        await verbs[0]?.call(db, key, 0)
        const replied = proxy.holdFrom(kind)
        const before = verbs[0]?.call(db, key, 1)
        await replied
        // It waits for the connection, and gets it as soon as the call before has heard its reply.
        const ended = Promise.allSettled([call(db, key, 2)])
        await engine.execute(
          `select pg_terminate_backend(pid, 10000) from pg_stat_activity
           where datname = current_database() and query like '%${key.table.name}%' and pid <> pg_backend_pid()`,
        )
        assert.equal((await before)?.created, true)
        await ended
        await call(db, key, 2)
        assert.deepEqual(uncaught, [])
        assert.deepEqual(
          (await rows()).map(({ owner }) => owner),
          [0, 1, 2],
        )
      } finally {
        process.off('uncaughtExceptionMonitor', hear)
        await close()
        proxy.close()
      }
    })
  }
}
