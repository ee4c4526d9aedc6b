import type { Socket } from 'node:net'

/** Bytes that arrived together at the proxy. */
export interface Chunk {
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}

/** A cut that waits for its moment. */
export interface PlannedCut {
  readonly moment: 'before-send' | 'after-send' | 'before-reply'
  readonly when: (bytes: Buffer) => boolean
  readonly replied: (bytes: Buffer, sent: Buffer) => boolean
  readonly done: () => void
  readonly failed: (error: Error) => void
}

export interface ProxyConnectionOptions {
  readonly client: Socket
  readonly server: Socket
  readonly delay: number
  readonly onChunk: (chunk: Chunk) => void
  /** The cut that these bytes of the client are the moment for; it is then this connection's. */
  readonly claimCut: (bytes: Buffer) => PlannedCut | undefined
}

export interface ProxyConnection {
  /** Cuts the client off, and ends the connection to the server after what is still on its way there. */
  cut(): void
  /** Drops both connections. */
  destroy(): void
  readonly closed: Promise<unknown>
}

/** Passes bytes between the two sockets, and cuts the client off where a planned cut says so. */
export function proxyConnection(options: ProxyConnectionOptions): ProxyConnection {
  const { client, server, delay, onChunk } = options
  const later = (step: () => void): void => void (delay === 0 ? step() : setTimeout(step, delay))
  const cut = (): void => {
    client.destroy()
    later(() => server.end())
  }
  const closed = Promise.all([closing(client), closing(server)])
  const cuts = cutsOf(options, cut)
  client.on('data', (bytes) => {
    onChunk({ from: 'client', bytes })
    // Without backpressure, here and below: what is slow to read piles up, which tests can afford.
    cuts.onSend(bytes, () => later(() => server.writable && server.write(bytes)))
  })
  server.on('data', (bytes) => {
    onChunk({ from: 'server', bytes })
    cuts.onReply(bytes, () => later(() => client.writable && client.write(bytes)))
  })
  client.on('end', () => later(() => server.end()))
  server.on('end', () => later(() => client.end()))
  client.on('error', cut)
  server.on('error', () => client.destroy())
  return {
    cut,
    destroy() {
      client.destroy()
      server.destroy()
    },
    closed,
  }
}

interface Cuts {
  onSend(bytes: Buffer, pass: () => void): void
  onReply(bytes: Buffer, pass: () => void): void
}

function cutsOf({ server, claimCut }: ProxyConnectionOptions, cut: () => void): Cuts {
  let unanswered: PlannedCut | undefined
  let sent: Buffer = Buffer.alloc(0)
  let reply: Buffer = Buffer.alloc(0)
  const cutFor = ({ done }: PlannedCut): void => {
    unanswered = undefined
    cut()
    server.once('close', done)
  }
  server.once('close', () => unanswered?.failed(new Error('The server closed the connection unanswered')))
  return {
    onSend(bytes, pass) {
      const plan = claimCut(bytes)
      if (plan?.moment !== 'before-send') pass()
      if (plan?.moment === 'before-reply') [unanswered, sent] = [plan, bytes]
      else if (plan) cutFor(plan)
    },
    onReply(bytes, pass) {
      if (unanswered) reply = Buffer.concat([reply, bytes])
      if (unanswered?.replied(reply, sent)) cutFor(unanswered)
      else pass()
    },
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
