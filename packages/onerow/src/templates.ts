import type { Arbiter, Dialect, StatementKind, Template } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import { shapeName, shapeOf } from './shape.ts'
import type { Content } from './shape.ts'

/** By the dialect's function that makes it, and by shape. */
type Templates = Map<unknown, Map<string, Template>>

const templatesByKey = new WeakMap<KeyDefinition, WeakMap<Arbiter, Templates>>()

/** What is sent: which statement of which key, with which values. */
export interface Asked extends Content {
  readonly key: KeyDefinition
  readonly arbiter: Arbiter
  readonly kind: StatementKind
}

/** The text of a statement of a key, made once for each set of columns. */
export function templateOf({ name, statements }: Dialect, asked: Asked): Template {
  const { key, arbiter, kind } = asked
  const make = statements[kind]
  if (!make) throw new TypeError(`The ${name} dialect has no statement "${kind}".`)
  let byArbiter = templatesByKey.get(key)
  if (!byArbiter) templatesByKey.set(key, (byArbiter = new WeakMap()))
  let templates = byArbiter.get(arbiter)
  if (!templates) byArbiter.set(arbiter, (templates = new Map()))
  let byShape = templates.get(make)
  if (!byShape) templates.set(make, (byShape = new Map()))
  const shape = shapeName(key, asked)
  let template = byShape.get(shape)
  if (!template) byShape.set(shape, (template = make(shapeOf(key, arbiter, asked))))
  return template
}
