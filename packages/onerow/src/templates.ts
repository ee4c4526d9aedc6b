import type { Dialect, Shape, StatementKind, Template } from './dialect.ts'
import type { KeyDefinition } from './key.ts'

const templatesByKey = new WeakMap<KeyDefinition, Map<string, Template>>()

/** The statement for a shape: its text is made once for each key and set of columns. */
export function templateOf(dialect: Dialect, kind: StatementKind, shape: Shape): Template {
  let templates = templatesByKey.get(shape.key)
  if (!templates) templatesByKey.set(shape.key, (templates = new Map()))
  const id = idOf(dialect, kind, shape)
  let template = templates.get(id)
  if (!template) {
    const make = dialect.statements[kind]
    if (!make) throw new TypeError(`The ${dialect.name} dialect has no statement "${kind}".`)
    templates.set(id, (template = make(shape)))
  }
  return template
}

function idOf(dialect: Dialect, kind: StatementKind, shape: Shape): string {
  const { arbiter, rows = '', impatient = false } = shape
  let id = `${dialect.name} ${kind} ${rows} ${impatient}`
  for (const columns of [shape.nullColumns, shape.insertColumns, shape.updateColumns, shape.touchedColumns]) {
    id += '|'
    // By place in the table, whose columns do not change. Names could hold any sign.
    for (const column of columns) id += `${shape.key.table.columns.indexOf(column)} `
  }
  const { predicate = '', index = '', columns = [], proof } = arbiter
  return proof === undefined && index === '' && predicate === ''
    ? id
    : `${id}|${JSON.stringify([predicate, index, columns, proof !== undefined])}`
}
