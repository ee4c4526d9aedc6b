import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

const usualPort = 3000

export interface ListenOptions {
  readonly host: string
  /** Undefined: the usual port, or a free one if that is taken. */
  readonly port: number | undefined
}

/** Serves the app over HTTP. */
export async function listen(app: Hono, { host, port }: ListenOptions): Promise<Server> {
  const server = createServer(getRequestListener(app.fetch))
  try {
    await listening(server, host, port ?? usualPort)
  } catch (error) {
    if (port !== undefined || !isTaken(error)) throw explained(error, host, port ?? usualPort)
    await listening(server, host, 0)
  }
  return server
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

function explained(cause: unknown, host: string, port: number): Error {
  const reason = isTaken(cause) ? 'the port is in use' : String(cause)
  return new Error(
    `Cannot listen on ${host}, port ${port}: ${reason}. Set HOST and PORT otherwise, or unset them.`,
    {
      cause,
    },
  )
}

/** Stops listening and resolves when the last answer is out; a client that dawdles is cut off. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const impatience = setTimeout(() => server.closeAllConnections(), 3000)
  await closed
  clearTimeout(impatience)
}
