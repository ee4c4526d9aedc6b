import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawRequestOptions {
  /** Say that no more will come. Without it, the server ends the connection. */
  readonly hangUp?: boolean
}

/** Sends bytes as they are and returns all that is answered. */
export async function rawRequest(
  url: string,
  bytes: string,
  { hangUp = false }: RawRequestOptions = {},
): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const answer: Buffer[] = []
  socket.on('data', (chunk) => answer.push(chunk))
  socket.write(bytes)
  if (hangUp) socket.end()
  await once(socket, 'close')
  return Buffer.concat(answer).toString()
}
