import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { proxyConnection, type Chunk, type PlannedCut, type ProxyConnection } from './proxy-connection.ts'
import { readyForQuery } from './ready-for-query.ts'

export interface TcpProxyOptions {
  /** The database server's port. */
  readonly port: number
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
  /** Milliseconds that bytes need one way, in each direction, so that a round trip takes twice as long. */
  readonly delay?: number | undefined
  /** Hears of all bytes, in either direction, as they arrive at the proxy. */
  readonly onChunk?: ((chunk: Chunk) => void) | undefined
}

export interface CutOptions {
  /** Which of a client's chunks to cut at, all that arrives at once being one chunk. Default: the next. */
  readonly when?: (bytes: Buffer) => boolean
  /**
   * For `before-reply`: whether these bytes, all that the server has sent since then, are a reply that is
   * complete, given the chunk that was sent. What comes before is passed on. Default: `readyForQuery`, PostgreSQL's,
   * sent after the commit. For MariaDB give `mysqlReplied`.
   */
  readonly replied?: (bytes: Buffer, sent: Buffer) => boolean
}

/** A proxy on 127.0.0.1 in front of a database server, for tests of lost connections and of latency. */
export interface TcpProxy {
  readonly port: number
  /** How many connections are open. */
  readonly connections: number
  /** Cuts all connections that are open. */
  cut(): void
  /**
   * Cuts one connection, the next that comes to the given moment:
   * - `before-send`: the client's bytes do not reach the server;
   * - `after-send`: they do, and the client is cut off without waiting for the reply;
   * - `before-reply`: the server has done what they ask, and the client never hears of it.
   *
   * Resolves when the server has let go of the connection, so that what it did or rolled back is settled. MariaDB lets
   * go just before it rolls back, so locks can last a moment longer there; whoever waits for them gets them.
   */
  cutNext(moment: PlannedCut['moment'], options?: CutOptions): Promise<void>
  /** Refuses new connections from now on, as a server that is down does. Those that are open stay. */
  refuse(): void
  /** Ends `refuse`, on the same port. */
  accept(): Promise<void>
  /** Refuses new connections, cuts those that are open, and resolves when they are closed. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a proxy in front of the server at `port`.
 *
 * @example
 * await using proxy = await startTcpProxy({ port: server.port })
 * const cut = proxy.cutNext('before-reply', { when: (bytes) => bytes.includes('insert into') })
 * await assert.rejects(client.query("insert into t values ('a')"))
 * await cut // now the row is there, though the client knows nothing of it
 */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const open = new Set<ProxyConnection>()
  const plans: PlannedCut[] = []
  const accept = (client: Socket): void => proxy(client, options, plans, open)
  let listener = await listening(0, accept)
  const { port } = listener.address() as AddressInfo // a TCP server's address, once it listens
  const close = async (): Promise<void> => {
    listener.close()
    const connections = [...open]
    for (const connection of connections) connection.destroy()
    await Promise.all(connections.map(({ closed }) => closed))
  }
  return {
    port,
    get connections() {
      return open.size
    },
    cut: () => open.forEach((connection) => connection.cut()),
    cutNext: (moment, cutOptions) =>
      new Promise((done, failed) => plans.push({ ...cutDefaults, ...cutOptions, moment, done, failed })),
    refuse: () => void listener.close(),
    async accept() {
      if (!listener.listening) listener = await listening(port, accept)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const cutDefaults = { when: () => true, replied: readyForQuery }

async function listening(port: number, accept: (client: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function proxy(
  client: Socket,
  { host = '127.0.0.1', port, delay = 0, onChunk = () => {} }: TcpProxyOptions,
  plans: PlannedCut[],
  open: Set<ProxyConnection>,
): void {
  const connection = proxyConnection({
    client,
    server: connect({ host, port, allowHalfOpen: true, noDelay: true }),
    delay,
    onChunk,
    claimCut(bytes) {
      const index = plans.findIndex((plan) => plan.when(bytes))
      return index < 0 ? undefined : plans.splice(index, 1)[0]
    },
  })
  open.add(connection)
  void connection.closed.then(() => open.delete(connection))
}
