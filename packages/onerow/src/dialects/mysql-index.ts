import type { KeyDefinition } from '../key.ts'
import type { Column } from '../table.ts'
import { clausesWith, partText } from './clauses.ts'

const { quoted, tableText, conditionText } = clausesWith('`')

/** One column of the unique index that enforces a key. */
export interface IndexTerm {
  /** The column whose value is looked up; none for the key's condition. */
  readonly column: Column | undefined
  /** The term on the quoted column. */
  readonly stored: (column: string) => string
  /** The term on a placeholder for the value looked up, so written that the stored side's collation decides. */
  readonly value: (placeholder: string) => string
  /** The type of the column that is generated for the term; absent when the index holds the column itself. */
  readonly type?: string
}

/** The collation of a text column, where it is known: the generated column that stands for it must have the same. */
export type CollationOf = (column: Column | undefined) => string | undefined

/**
 * What the unique index of a key is made of. These engines have neither conditional indexes nor NULLS NOT DISTINCT, and
 * MariaDB no indexes on expressions; a generated column in the index serves for each. Rows outside the key's condition
 * have NULL there, and NULLs are never equal.
 */
export function indexTerms(key: KeyDefinition, literal: (value: unknown) => string): readonly IndexTerm[] {
  const parts = key.parts.flatMap((part): readonly IndexTerm[] => {
    const { column } = part
    const of = (operand: string) => partText(part, operand)
    if (key.nulls === 'equal') {
      const isNull = (operand: string) => `(${of(operand)} is null)`
      const text = (operand: string) => `ifnull(cast(${of(operand)} as char(255)), '')`
      return [
        { column, stored: isNull, value: isNull, type: 'tinyint' },
        { column, stored: text, value: (operand) => `ifnull(${of(operand)}, '')`, type: 'varchar(255)' },
      ]
    }
    return [{ column, stored: of, value: of, ...(part.of && { type: 'varchar(255)' }) }]
  })
  const condition = conditionText(key, literal)
  if (condition === undefined) return parts
  const inside = () => `case when ${condition} then 1 end`
  return [...parts, { column: undefined, stored: inside, value: () => '1', type: 'tinyint' }]
}

/** The SQL text that a generated column of the term stands for. */
export function generatedText({ column, stored }: IndexTerm): string {
  return stored(column === undefined ? '' : quoted(column.name))
}

/** The DDL of a key: the columns to generate, invisible to `select *`, and the unique index. */
export function keySql(
  key: KeyDefinition,
  literal: (value: unknown) => string,
  collationOf: CollationOf = () => undefined,
): string {
  const terms = indexTerms(key, literal).map((term, index) => named(term, key, index + 1))
  const columns = terms.map(({ name }) => quoted(name)).join(', ')
  const generated = terms.filter((term) => term.type !== undefined)
  if (generated.length === 0)
    return `create unique index ${quoted(key.name)} on ${tableText(key.table)} (${columns});`
  const added = generated.map((term) => `  add column ${generatedColumn(term, collationOf)},\n`)
  return `alter table ${tableText(key.table)}\n${added.join('')}  add unique index ${quoted(key.name)} (${columns});`
}

function named(term: IndexTerm, key: KeyDefinition, number: number): NamedTerm {
  const name = term.type === undefined ? (term.column?.name ?? '') : generatedName(key.name, number)
  return { ...term, name }
}

interface NamedTerm extends IndexTerm {
  /** Of the column in the index. */
  readonly name: string
}

/** The definition of the column that is generated for a term. */
export function generatedColumn(term: NamedTerm, collationOf: CollationOf): string {
  const collation = term.type === 'tinyint' ? undefined : collationOf(term.column)
  const type = collation === undefined ? term.type : `${term.type} collate ${collation}`
  return `${quoted(term.name)} ${type} as (${generatedText(term)}) virtual invisible`
}

/** The name of the column that is generated for the key's term of that number. A name has 64 characters at most. */
export function generatedName(key: string, number: number): string {
  return `${key.slice(0, 60)}_${number}`
}
