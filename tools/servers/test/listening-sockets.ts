import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Options of a test that asks for listening sockets, too. */
export function inProc({ skip }: { readonly skip: string | boolean }): { readonly skip: string | boolean } {
  return { skip: skip || (process.platform === 'linux' ? false : 'only Linux has /proc') }
}

/** Where a process listens, as the kernel writes it: `tcp 0100007F:A1B2` is 127.0.0.1, its bytes reversed. */
export function listeningSockets(pid: number): readonly string[] {
  const inodes = new Set(socketInodes(pid))
  return ['tcp', 'tcp6', 'udp', 'udp6', 'unix'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => listener(kind, line.trim().split(/\s+/), inodes))
      .filter((socket) => socket !== undefined),
  )
}

function socketInodes(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`
  return readdirSync(directory).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${fd}`))?.[1] ?? []
    } catch {
      return [] // closed since
    }
  })
}

function listener(kind: string, fields: readonly string[], inodes: ReadonlySet<string>): string | undefined {
  // See proc_pid_net(5) and the kernel's Documentation/networking/proc_net_tcp.rst.
  if (kind === 'unix') {
    const [, , , flags, , , inode = '', path = ''] = fields
    return flags === '00010000' && inodes.has(inode) ? `unix ${path}` : undefined
  }
  const [, address, , state, , , , , , inode = ''] = fields
  const listens = kind.startsWith('udp') || state === '0A'
  return listens && inodes.has(inode) ? `${kind} ${address}` : undefined
}
