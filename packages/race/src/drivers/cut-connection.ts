import { once } from 'node:events'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'

const cuts = new WeakMap<Duplex, Promise<unknown>>()

/** Ends a connection at once, as when the network fails, and resolves when its driver knows. */
export async function cutConnection(connection: EventEmitter, stream: Duplex): Promise<void> {
  if (!stream.destroyed) {
    // An application that does not listen would end here with its process, and the exploration with it.
    connection.on('error', () => {})
    // A socket's `closed` is true before it has told anybody.
    cuts.set(stream, once(stream, 'close'))
    stream.destroy()
  }
  await cuts.get(stream)
}
