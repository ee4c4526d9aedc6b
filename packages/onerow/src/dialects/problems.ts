import type { Database } from '../database.ts'
import type { KeyProblem, KeyProblemKind } from '../dialect.ts'
import { describeKey } from '../key.ts'
import type { KeyDefinition } from '../key.ts'

/** The sentence for each way in which a unique index can fail to be the key's. `index` is the index at fault. */
const sentences: Readonly<Record<KeyProblemKind, (key: string, index: string) => string>> = {
  'missing-index': (key) => `There is no unique index on ${key}.`,
  'other-columns': (key, index) => `The index "${index}" exists, but it does not make ${key} unique.`,
  'other-condition': (key, index) =>
    `The index "${index}" covers ${key}, but its condition is not the key's, so it does not hold all rows of the key.`,
  'wider-index': (key, index) =>
    `The index "${index}" covers ${key} without the key's condition, so rows outside of it stand in the way of new ones.`,
  'invalid-index': (key, index) =>
    `The index "${index}" on ${key} is invalid, left over from a build that failed, and enforces nothing.`,
  deferrable: (key, index) =>
    `The constraint "${index}" on ${key} is deferrable; the database cannot use such a one to decide a conflict.`,
  'nulls-distinct': (key, index) =>
    `The index "${index}" on ${key} takes two NULLs as different, and the key says that they are equal.`,
  'other-collation': (key, index) =>
    `The index "${index}" on ${key} finds other values equal than its columns do, as it has another collation.`,
  'nullable-column': (key, column) =>
    `The column "${column}" of ${key} may be NULL, and rows with NULL there are not kept unique.`,
  'duplicate-rows': (key, count) => `${count} values of ${key} are held by more than one row each.`,
}

export function problem(key: KeyDefinition, kind: KeyProblemKind, about: string, sql: string): KeyProblem {
  return { key: key.name, kind, about, message: sentences[kind](describeKey(key), about), sql }
}

/** What a query for duplicates needs: SQL texts of the engine. */
export interface DuplicatesQuery {
  readonly table: string
  readonly parts: readonly string[]
  readonly condition: string | undefined
}

/** Counts the values of the key that several rows hold already, which would make the index impossible to build. */
export async function duplicateProblems(
  db: Pick<Database, 'execute'>,
  key: KeyDefinition,
  { table, parts, condition }: DuplicatesQuery,
): Promise<readonly KeyProblem[]> {
  const notNull = key.nulls === 'equal' ? [] : parts.map((part) => `${part} is not null`)
  const predicates = [...notNull, ...(condition === undefined ? [] : [condition])].join(' and ')
  const grouped = `from ${table}${predicates && `\nwhere ${predicates}`}\ngroup by ${parts.join(', ')}\nhaving count(*) > 1`
  const [counted] = await db.execute({
    text: `select count(*) as total from (select 1 as one ${grouped}) as duplicates`,
    values: [],
  })
  const count = Number(counted?.['total'])
  if (count === 0) return []
  const list = `select ${parts.join(', ')}, count(*)\n${grouped}\norder by count(*) desc;`
  return [problem(key, 'duplicate-rows', String(count), list)]
}
