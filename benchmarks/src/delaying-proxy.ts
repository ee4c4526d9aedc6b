// A distant server: `delaying-proxy.ts <port> <milliseconds>` passes bytes on to 127.0.0.1:<port>, in each direction so many
// milliseconds after they came. It tells its own port on standard output, and ends when standard input does. A process of
// its own, as it keeps a processor busy while bytes are under way.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

const [port, delay] = process.argv.slice(2).map(Number) as [number, number]

interface Step {
  readonly due: number
  readonly take: () => void
}

// All steps have the same delay, so they are due in the order in which they were put here.
const queue: Step[] = []

function later(take: () => void): void {
  if (queue.push({ due: performance.now() + delay, take }) === 1) setImmediate(takeDue)
}

/** Node's timers know whole milliseconds only; an immediate comes again as soon as the sockets have been looked at. */
function takeDue(): void {
  const now = performance.now()
  const notDue = queue.findIndex((step) => step.due > now)
  const due = queue.splice(0, notDue < 0 ? queue.length : notDue)
  for (const step of due) step.take()
  if (queue.length > 0) setImmediate(takeDue)
}

/** Bytes pile up here for a reader that is slow, which the benchmarks' are not. */
function pass(from: Socket, to: Socket): void {
  from.on('data', (bytes) => later(() => to.writable && to.write(bytes)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => later(() => to.destroy()))
}

const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const server = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
  pass(client, server)
  pass(server, client)
}).listen(0, '127.0.0.1', () => {
  const { port: own } = listener.address() as AddressInfo // a TCP server's, once it listens
  console.log(own)
})
process.stdin.resume().on('end', () => process.exit())
