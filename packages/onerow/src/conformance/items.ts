import { keySql } from '../key-sql.ts'
import type { KeyDefinition } from '../key.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import type { Engine } from './engine.ts'

/** A row of the table that most cases use. */
export interface Item {
  readonly id: number
  readonly owner: number
  readonly kind: string
  readonly label: string
  readonly note: string | null
  readonly amount: number
}

export interface NewItem {
  readonly owner: number
  readonly kind: string
  readonly label: string
  readonly note?: string | null
  readonly amount?: number
}

/** Declares a table of items and its key; makes nothing. */
export function declareItems(name: string) {
  const items = table<Item, NewItem>(name, {
    columns: { id: 'id', owner: 'owner_id', kind: 'kind', label: 'label', note: 'note', amount: 'amount' },
    primaryKey: ['id'],
  })
  return { name, items, key: uniqueKey(items, ['owner', 'kind'], { name: `${name}_key` }) }
}

/** The key of items. */
export type ItemKey = ReturnType<typeof declareItems>['key']

/** A table of items, and what cases do with it besides calling onerow. */
export interface Items extends ReturnType<typeof declareItems> {
  /** What the data tool gives for the rows of the table, without onerow. */
  readonly rows: () => Promise<readonly Item[]>
  /** The statement that adds a row, for whoever is to run it. */
  readonly insertSql: (values?: Partial<Item>) => string
}

/**
 * Makes an empty table of items, without the key's index.
 *
 * @param constraint a clause for the table besides: `check (amount >= 0)`
 */
export async function createItemTable(engine: Engine, constraint?: string): Promise<Items> {
  const { id, integer, text } = engine.sql.types
  const declared = declareItems(engine.uniqueName('item'))
  const { name } = declared
  await engine.execute(
    `create table ${name} (id ${id}, owner_id ${integer} not null, kind ${text} not null, ` +
      `label ${text} not null, note ${text}, amount ${integer} default 0 not null` +
      `${constraint === undefined ? '' : `, ${constraint}`})`,
  )
  return {
    ...declared,
    rows: async () => {
      const rows = await engine.execute(`select * from ${name} order by id`)
      return rows.map(
        // The columns made above.
        ({ id, owner_id: owner, kind, label, note, amount }) =>
          ({ id, owner, kind, label, note, amount }) as Item,
      )
    },
    insertSql: ({ owner = 1, kind = 'a', label = 'rival' } = {}) =>
      `insert into ${name} (owner_id, kind, label) values (${owner}, '${kind}', '${label}')`,
  }
}

/** Makes an empty table of items with its key. */
export async function createItems(engine: Engine, constraint?: string): Promise<Items> {
  const made = await createItemTable(engine, constraint)
  await createKey(engine, made.key)
  return made
}

/** Runs the key's own DDL. */
export async function createKey(engine: Engine, key: KeyDefinition): Promise<void> {
  await engine.script(keySql(key, engine.db.dialect))
}

/** Items whose label is unique too, one of them there already: of owner 9, "taken". */
export async function createLabelledItems(engine: Engine, constraint?: string): Promise<Items> {
  const items = await createItems(engine, constraint)
  await engine.execute(`create unique index ${items.name}_label on ${items.name} (label)`)
  await engine.execute(items.insertSql({ owner: 9, label: 'taken' }))
  return items
}
