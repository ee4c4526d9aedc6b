import type { Dialect, Shape, StatementKind, Template } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import type { Column } from './table.ts'

const templatesByKey = new WeakMap<KeyDefinition, Map<string, Template>>()

/** The statement for a shape: its text is made once for each key and set of columns. */
export function templateOf(dialect: Dialect, kind: StatementKind, shape: Shape): Template {
  const { arbiter, nullColumns, insertColumns, updateColumns, touchedColumns } = shape
  const id = [
    dialect.name,
    kind,
    arbiter.predicate,
    arbiter.index,
    arbiter.columns,
    arbiter.proof !== undefined,
    names(nullColumns),
    names(insertColumns),
    names(updateColumns),
    names(touchedColumns),
  ].join('|')
  let templates = templatesByKey.get(shape.key)
  if (!templates) templatesByKey.set(shape.key, (templates = new Map()))
  let template = templates.get(id)
  if (!template) {
    const make = dialect.statements[kind]
    if (!make) throw new TypeError(`The ${dialect.name} dialect has no statement "${kind}".`)
    templates.set(id, (template = make(shape)))
  }
  return template
}

function names(columns: readonly Column[]): string {
  return JSON.stringify(columns.map((column) => column.name))
}
