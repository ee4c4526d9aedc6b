import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { startDelayingProxy } from '../src/start-delaying-proxy.ts'

async function startEcho() {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's, once it listens
  return { port, [Symbol.dispose]: () => void server.close() }
}

test('the delaying proxy passes all bytes in their order, and the end after them', async () => {
  using echo = await startEcho()
  await using proxy = await startDelayingProxy(echo.port, 1)
  const sent = Array.from({ length: 50 }, () => randomBytes(10_000))
  const sockets = [1, 2].map(() => connect({ port: proxy.port, allowHalfOpen: true }))
  const received = sockets.map((socket) => buffer(socket))
  for (const bytes of sent) {
    for (const socket of sockets) socket.write(bytes)
    await new Promise(setImmediate)
  }
  for (const socket of sockets) socket.end()
  for (const bytes of await Promise.all(received)) assert.ok(bytes.equals(Buffer.concat(sent)))
})

test('a round trip through the delaying proxy takes at least so much longer', async () => {
  using echo = await startEcho()
  await using proxy = await startDelayingProxy(echo.port, 20)
  const socket = connect(proxy.port)
  await once(socket, 'connect')
  const started = performance.now()
  socket.write('?')
  await once(socket, 'data')
  // Both clocks are of this machine, but of two processes.
  assert.ok(performance.now() - started >= 20 - 1)
  socket.destroy()
})
