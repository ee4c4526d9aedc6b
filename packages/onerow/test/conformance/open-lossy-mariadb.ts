import { mysqlReplied, startTcpProxy } from '@onerow/servers'
import type { Faults } from 'onerow/conformance'

/** A way to a MariaDB server through a proxy that can cut it. */
export async function openLossyMariadb(where: string): Promise<Faults> {
  const url = new URL(where)
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  return {
    where: url.href,
    cut: (moment, matching) =>
      proxy.cutNext(moment, { when: (bytes) => bytes.includes(matching), replied: mysqlReplied }),
    close: () => proxy.close(),
  }
}
