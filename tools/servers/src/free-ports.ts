import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Loopback ports that were free a moment ago, below those that the kernel gives to outgoing connections, so that
 * none of these takes one while its server is down.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  for (let attempt = 0; ports.size < count; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) ports.add(port)
    else if (attempt > 1000) throw new Error('No free loopback ports were found between 20000 and 32000')
  }
  return [...ports]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
