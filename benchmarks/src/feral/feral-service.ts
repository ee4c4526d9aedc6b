import { once } from 'node:events'
import { Agent, IncomingMessage, createServer, request } from 'node:http'
import type { RequestOptions, Server } from 'node:http'

/** What a request is told: that it made the row, that the row was there, or that it failed. */
export type Told = 'created' | 'found' | 'failed'

export interface FeralService extends AsyncDisposable {
  /** Sends a request for a key. */
  readonly ask: (key: string) => Promise<Told>
}

const statusOf: Readonly<Record<Told, number>> = { created: 201, found: 200, failed: 500 }

/**
 * An HTTP server on the loopback interface, and the connections of its clients.
 *
 * @param save makes the row with a key unless it is there; answers whether it has
 * @param clients how many send requests at once
 */
export async function openFeralService(
  save: (key: string) => Promise<boolean>,
  clients: number,
): Promise<FeralService> {
  const server = createServer((asked, answer) => {
    void toldOf(() => save(decodeURIComponent((asked.url ?? '/').slice(1)))).then((told) =>
      answer.writeHead(statusOf[told]).end(told),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const port = portOf(server)
  return {
    ask: (key) =>
      asked({ agent, port, host: '127.0.0.1', path: `/${encodeURIComponent(key)}`, method: 'POST' }),
    async [Symbol.asyncDispose]() {
      agent.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function toldOf(save: () => Promise<boolean>): Promise<Told> {
  try {
    return (await save()) ? 'created' : 'found'
  } catch {
    return 'failed'
  }
}

async function asked(options: RequestOptions): Promise<Told> {
  const [answer] = await once(request(options).end(), 'response')
  if (!(answer instanceof IncomingMessage)) throw new TypeError('The answer is none.')
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode === statusOf.created
    ? 'created'
    : answer.statusCode === statusOf.found
      ? 'found'
      : 'failed'
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address === 'object' && address) return address.port
  throw new TypeError('The server does not listen on a port.')
}
