import type { KeyProblemKind } from '../dialect.ts'
import { lower } from '../expression.ts'
import { uniqueKey } from '../key.ts'
import type { Need } from './case.ts'
import type { EngineSql } from './engine-sql.ts'
import type { ItemKey, Items } from './items.ts'

/** A key that the database does not enforce as it should. */
export interface Fault {
  readonly kinds: readonly KeyProblemKind[]
  readonly how: string
  readonly needs?: readonly Need[]
  /** The statements that bring it about, on an empty table with no index; `rejected:` marks one that must fail. */
  readonly statements: (table: string, sql: EngineSql) => readonly string[]
  readonly key: (items: Items) => ItemKey
}

function plainKey({ items, name }: Items): ItemKey {
  return uniqueKey(items, ['owner', 'kind'], { name: `${name}_key` })
}

export function conditionalKey({ items, name }: Items): ItemKey {
  return uniqueKey(items, ['owner', 'kind'], {
    name: `${name}_key`,
    condition: { kind: ['a', 'b'], note: null },
  })
}

function expressionKey({ items, name }: Items): ItemKey {
  return uniqueKey(items, ['owner', lower('kind')], { name: `${name}_key` })
}

const twice = (table: string) =>
  Array.from({ length: 2 }, () => `insert into ${table} (owner_id, kind, label) values (1, 'a', 'x')`)

export const faults: readonly Fault[] = [
  { kinds: ['missing-index'], how: 'there is none', statements: () => [], key: plainKey },
  {
    kinds: ['missing-index'],
    how: 'the expression has none, only its column',
    statements: (table) => [`create unique index ${table}_plain on ${table} (owner_id, kind)`],
    key: expressionKey,
  },
  {
    kinds: ['other-columns'],
    how: 'an index of its name covers fewer columns',
    statements: (table) => [`create unique index ${table}_key on ${table} (owner_id)`],
    key: plainKey,
  },
  {
    kinds: ['other-columns'],
    how: 'an index of its name covers more columns',
    statements: (table) => [`create unique index ${table}_key on ${table} (owner_id, kind, label)`],
    key: plainKey,
  },
  {
    kinds: ['other-columns'],
    how: 'an index of its name is on the column, not on the expression',
    statements: (table) => [`create unique index ${table}_key on ${table} (owner_id, kind)`],
    key: expressionKey,
  },
  {
    kinds: ['other-columns'],
    how: 'an index of its name is not unique',
    statements: (table) => [`create index ${table}_key on ${table} (owner_id, kind)`],
    key: plainKey,
  },
  {
    kinds: ['other-condition'],
    how: 'the index has a condition and the key has none',
    needs: ['conditional indexes'],
    statements: (table) => [`create unique index ${table}_key on ${table} (owner_id, kind) where kind = 'a'`],
    key: plainKey,
  },
  {
    kinds: ['other-condition'],
    how: "the index's condition is narrower",
    needs: ['conditional indexes'],
    statements: (table) => [
      `create unique index ${table}_key on ${table} (owner_id, kind) where kind = 'a' and note is null`,
    ],
    key: conditionalKey,
  },
  {
    kinds: ['invalid-index', 'duplicate-rows'],
    how: 'a concurrent build failed on duplicates',
    needs: ['invalid indexes'],
    statements: (table) => [
      ...twice(table),
      `rejected: create unique index concurrently ${table}_key on ${table} (owner_id, kind)`,
    ],
    key: plainKey,
  },
  {
    kinds: ['invalid-index'],
    how: 'of another name, and the duplicates are gone since',
    needs: ['invalid indexes'],
    statements: (table) => [
      ...twice(table),
      `rejected: create unique index concurrently ${table}_other on ${table} (owner_id, kind)`,
      `delete from ${table}`,
    ],
    key: plainKey,
  },
  {
    kinds: ['deferrable'],
    how: 'deferred',
    needs: ['deferrable constraints'],
    statements: (table) => [
      `alter table ${table} add constraint ${table}_key unique (owner_id, kind) deferrable initially deferred`,
    ],
    key: plainKey,
  },
  {
    kinds: ['deferrable'],
    how: 'immediate, and of another name',
    needs: ['deferrable constraints'],
    statements: (table) => [
      `alter table ${table} add constraint ${table}_other unique (kind, owner_id) deferrable initially immediate`,
    ],
    key: plainKey,
  },
  {
    kinds: ['missing-index', 'duplicate-rows'],
    how: 'there is none, and rows are there twice',
    statements: twice,
    key: plainKey,
  },
  {
    kinds: ['other-condition', 'duplicate-rows'],
    how: 'and rows are there twice',
    needs: ['conditional indexes'],
    statements: (table) => [
      ...twice(table),
      `create unique index ${table}_key on ${table} (owner_id, kind) where kind = 'b'`,
    ],
    key: conditionalKey,
  },
  {
    kinds: ['missing-index', 'duplicate-rows'],
    how: 'the expression makes equal what the column keeps apart',
    statements: (table, { caseSensitive }) => [
      ...caseSensitive(table, 'kind'),
      ...twice(table).slice(1),
      `insert into ${table} (owner_id, kind, label) values (1, 'A', 'x')`,
      `create unique index ${table}_plain on ${table} (owner_id, kind)`,
    ],
    key: expressionKey,
  },
]
