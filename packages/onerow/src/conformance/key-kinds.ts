import { notNull } from '../condition.ts'
import type { Database } from '../database.ts'
import { expression, lower } from '../expression.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateResult, GetOrCreateValues } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import type { Key, KeyDefinition } from '../key.ts'
import { table } from '../table.ts'
import type { Engine } from './engine.ts'
import { createItemTable } from './items.ts'
import type { Items } from './items.ts'

type Result = GetOrCreateResult<{ readonly id: number }>

/** A key on a table that has no index yet, and calls with it. */
export interface KindOfKey {
  readonly key: KeyDefinition
  /** Calls `getOrCreate`: the same row for the same number. */
  readonly call: (db: Database, number: number) => Promise<Result>
  /** Calls `getOrCreateMany`, likewise. */
  readonly many: (db: Database, numbers: readonly number[]) => Promise<readonly Result[]>
  /** The columns that a row is made of, but for `id`. */
  readonly columns: string
}

const itemColumns = 'owner_id, kind, label, note, amount'
const create = { label: 'x' }
const kinds = ["it's", 'back\\slash', '"quoted"', '$1 ? :x @y --', '🦊 ', ''] as const

/** @param valuesOf the values of a call, for the number of its row */
function calling<K extends Key<{ readonly id: number }>>(
  key: K,
  valuesOf: (number: number) => GetOrCreateValues<K>,
  columns = itemColumns,
): KindOfKey {
  return {
    key,
    columns,
    call: (db, number) => getOrCreate(db, key, valuesOf(number)),
    many: (db, numbers) => getOrCreateMany(db, key, numbers.map(valuesOf)),
  }
}

function onItems(kind: (items: Items) => KindOfKey) {
  return async (engine: Engine): Promise<KindOfKey> => kind(await createItemTable(engine))
}

/** Every kind of key that `keySql` can write. */
export const kindsOfKey: readonly {
  readonly name: string
  readonly make: (engine: Engine) => Promise<KindOfKey>
}[] = [
  {
    name: 'one column',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['owner'], { name: `${name}_key` })
      return calling(key, (owner) => ({ where: { owner }, create: { kind: 'a', ...create } }))
    }),
  },
  {
    name: 'several columns, and a name that must be quoted',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['kind', 'owner'], { name: `${name} "Key" it's` })
      return calling(key, (owner) => ({ where: { owner, kind: 'a' }, create }))
    }),
  },
  {
    name: 'of a table whose schema is named',
    async make(engine) {
      const { name } = await createItemTable(engine)
      const [current] = await engine.execute(engine.sql.currentSchema)
      const things = table<
        { id: number; owner: number; kind: string; label: string },
        { owner: number; kind: string; label: string }
      >(name, {
        schema: String(current?.['name']),
        columns: { id: 'id', owner: 'owner_id', kind: 'kind', label: 'label' },
      })
      const key = uniqueKey(things, ['owner'], { name: `${name}_key`, condition: { kind: 'a' } })
      return calling(key, (owner) => ({ where: { owner }, create }))
    },
  },
  {
    name: 'conditional on NULL',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['owner', 'kind'], { name: `${name}_key`, condition: { note: null } })
      return calling(key, (owner) => ({ where: { owner, kind: 'a' }, create }))
    }),
  },
  {
    name: 'conditional on any value but NULL',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['note'], { name: `${name}_key`, condition: { note: notNull } })
      const rest = { owner: 1, kind: 'a', ...create }
      return calling(key, (number) => ({ where: { note: `n${number}` }, create: rest }))
    }),
  },
  {
    name: 'conditional on texts with quotes, backslashes and what looks like placeholders',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['owner', 'kind'], { name: `${name}_key`, condition: { kind: kinds } })
      const kindOf = (number: number) => kinds[number % kinds.length] ?? "it's"
      return calling(key, (number) => ({ where: { owner: 1, kind: kindOf(number) }, create }))
    }),
  },
  {
    name: 'conditional on one such text, on a column outside the key',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['owner'], { name: `${name}_key`, condition: { kind: "\\'$1" } })
      return calling(key, (owner) => ({ where: { owner }, create }))
    }),
  },
  {
    name: 'conditional on numbers',
    make: onItems(({ items, name }) => {
      const condition = { amount: [0, -1, 2147483647], kind: 'a', note: notNull } as const
      const key = uniqueKey(items, ['owner'], { name: `${name}_key`, condition })
      const rest = { ...create, amount: -1, note: 'n' } as const
      return calling(key, (owner) => ({ where: { owner }, create: rest }))
    }),
  },
  {
    name: 'conditional on a boolean and a large number',
    async make({ sql, execute, uniqueName }) {
      const name = uniqueName('flagged')
      const { id, integer, boolean, bigint } = sql.types
      await execute(
        `create table ${name} (id ${id}, owner_id ${integer} not null, flag ${boolean}, big ${bigint})`,
      )
      const flagged = table<Flagged, Omit<Flagged, 'id'>>(name, {
        columns: {
          id: 'id',
          owner: 'owner_id',
          // Not every driver has booleans, nor big integers.
          flag: {
            name: 'flag',
            encode: sql.encodeBoolean,
            decode: (stored) => stored === true || stored === 1,
          },
          big: { name: 'big', decode: (stored) => BigInt(stored as string | number | bigint) },
        },
      })
      const condition = { flag: true, big: [9007199254740991n, -7n] } as const
      const key = uniqueKey(flagged, ['owner'], { name: `${name}_key`, condition })
      return calling(
        key,
        (owner) => ({ where: { owner }, create: { big: -7n as const } }),
        'owner_id, flag, big',
      )
    },
  },
  {
    name: 'lower(column)',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, [lower('label')], { name: `${name}_key` })
      return calling(key, (number) => ({ where: { label: cased(number) }, create: { owner: 1, kind: 'a' } }))
    }),
  },
  {
    name: 'a column and an expression of its own, conditional',
    make: onItems(({ items, name }) => {
      const trimmed = expression('label', (label) => `lower(trim(${label}))`)
      const key = uniqueKey(items, ['owner', trimmed], {
        name: `${name}_key`,
        condition: { kind: ['a', 'b'] },
      })
      return calling(key, (number) => ({
        where: { owner: 1, label: ` ${cased(number)}` },
        create: { kind: 'b' as const },
      }))
    }),
  },
  {
    name: 'NULLs equal',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['note', 'owner'], { name: `${name}_key`, nulls: 'equal' })
      return calling(key, (owner) => ({ where: { owner, note: null }, create: { kind: 'a', ...create } }))
    }),
  },
  {
    name: 'NULLs equal, of one column, conditional',
    make: onItems(({ items, name }) => {
      const key = uniqueKey(items, ['note'], {
        name: `${name}_key`,
        nulls: 'equal',
        condition: { kind: 'a' },
      })
      const noteOf = (number: number) => [null, '', 'n'][number % 3] ?? null
      return calling(key, (number) => ({ where: { note: noteOf(number) }, create: { owner: 1, ...create } }))
    }),
  },
]

interface Flagged {
  readonly id: number
  readonly owner: number
  readonly flag: boolean
  readonly big: bigint
}

let calls = 0

/** The same label for the same number, each time in another case. */
function cased(number: number): string {
  return calls++ % 2 === 0 ? `Label ${number}` : `LABEL ${number}`
}
