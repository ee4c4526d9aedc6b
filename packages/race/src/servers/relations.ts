import type { Relations } from '../sessions.ts'

/** What a server's catalog says. Tables are in lower case. */
export interface Catalog {
  readonly foreignKeys: readonly { readonly child: string; readonly parent: string }[]
  /** A view has tables, and views; a partitioned table has its partitions. */
  readonly parts: readonly { readonly whole: string; readonly part: string }[]
  readonly opaque: ReadonlySet<string>
}

/**
 * By table, those that a statement on it touches: its parts; the children whose rows a delete looks for or takes along, and
 * theirs; and the parents of all these, whose rows an insert locks.
 */
export function relationsOf({ foreignKeys, parts, opaque }: Catalog): Relations {
  const down = new Map<string, Set<string>>()
  const up = new Map<string, Set<string>>()
  for (const { whole, part } of parts) link(down, whole, part)
  for (const { child, parent } of foreignKeys) {
    link(down, parent, child)
    link(up, child, parent)
  }
  const reads = new Map<string, readonly string[]>()
  for (const table of new Set([...down.keys(), ...up.keys()])) {
    const touched = new Set([table])
    // A set goes on over what is added to it meanwhile.
    for (const each of touched) for (const next of down.get(each) ?? []) touched.add(next)
    const parents = new Set<string>()
    for (const each of touched) for (const next of up.get(each) ?? []) parents.add(next)
    reads.set(table, [...touched, ...parents])
  }
  return { reads, opaque }
}

function link(links: Map<string, Set<string>>, from: string, to: string): void {
  links.set(from, (links.get(from) ?? new Set()).add(to))
}
