import type { Arbiter, Dialect, StatementKind, Template } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import { shapeName, shapeOf } from './shape.ts'
import type { Content } from './shape.ts'

type Templates = Map<string, Template>

const templatesByKey = new WeakMap<KeyDefinition, WeakMap<Arbiter, Templates>>()

/** Makes the statements of a key: the text of each is made once for each set of columns. */
export function templatesOf(
  dialect: Dialect,
  key: KeyDefinition,
  arbiter: Arbiter,
): (kind: StatementKind, content: Content) => Template {
  let byArbiter = templatesByKey.get(key)
  if (!byArbiter) templatesByKey.set(key, (byArbiter = new WeakMap()))
  let known = byArbiter.get(arbiter)
  if (!known) byArbiter.set(arbiter, (known = new Map()))
  const templates = known
  return (kind, content) => {
    const id = `${dialect.name} ${kind} ${shapeName(key, content)}`
    let template = templates.get(id)
    if (!template) {
      const make = dialect.statements[kind]
      if (!make) throw new TypeError(`The ${dialect.name} dialect has no statement "${kind}".`)
      templates.set(id, (template = make(shapeOf(key, arbiter, content))))
    }
    return template
  }
}
