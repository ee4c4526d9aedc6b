import type { Run } from '@onerow/race'
import type { StoredRow } from 'onerow'
import type { Answer } from './answer.ts'
import type { Cell } from './cell.ts'
import type { Race } from './race.ts'

/** What is wrong after a schedule. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly kinds: ReadonlySet<Kind>

  constructor(findings: readonly Finding[]) {
    super(findings.map(({ says }) => says).join(' '))
    this.kinds = new Set(findings.map(({ kind }) => kind))
  }
}

export type Kind = 'duplicates' | 'lost update' | 'false answer'

interface Finding {
  readonly kind: Kind
  readonly says: string
}

/** @throws `Broken` when the rows that are left, and what the callers were told, do not fit together */
export function judge({ verb, cast }: Cell, run: Run, records: readonly StoredRow[]): void {
  const rows = records.map(({ id, user_id: userId, name, visits }) => ({
    id: Number(id),
    userId: Number(userId),
    name: String(name),
    visits: Number(visits),
  }))
  const answers = cast.callers.flatMap((caller) => {
    const ending = run.endings.get(caller)
    // The actors are ours, and answer no other values.
    const told = ending && 'value' in ending ? (ending.value as readonly Answer[]) : []
    return told.map(({ word, id, visits }) => ({ caller, word, id, visits }))
  })
  const findings = [
    ...duplicates(rows),
    ...(verb.leaves === 'a count' ? lostCounts(rows, answers) : []),
    ...(verb.leaves === 'a name' ? lostNames(rows, answers) : []),
    ...unmade(rows, answers),
    ...missing(rows, answers, cast.rival === 'deletes' ? verb.users.length : 0),
  ]
  if (findings.length > 0) throw new Broken(findings)
}

type Answers = readonly (Answer & { readonly caller: string })[]

function duplicates(rows: readonly Race[]): readonly Finding[] {
  const most = Math.max(
    ...[...Map.groupBy(rows, ({ userId }) => userId).values()].map(({ length }) => length),
  )
  return most > 1 ? [{ kind: 'duplicates', says: `There are ${most} rows with the key.` }] : []
}

/** Each row's count is how many were told to have counted in it, and no two were told the same. */
function lostCounts(rows: readonly Race[], answers: Answers): readonly Finding[] {
  const counted = Map.groupBy(answers, ({ id }) => id)
  const isTwice = [...counted.values()].some(
    (each) => new Set(each.map(({ visits }) => visits)).size < each.length,
  )
  const wrong = rows.find(({ id, visits }) => visits !== (counted.get(id)?.length ?? 0))
  if (wrong)
    return [
      {
        kind: 'lost update',
        says: `An update is lost: ${counted.get(wrong.id)?.length ?? 0} have counted, and the count is ${wrong.visits}.`,
      },
    ]
  return isTwice ? [{ kind: 'lost update', says: 'An update is lost: two were told the same count.' }] : []
}

/** Each row's name is that of somebody who was told to have set it. */
function lostNames(rows: readonly Race[], answers: Answers): readonly Finding[] {
  return rows.flatMap(({ id, name }) => {
    const setters = answers.filter((answer) => answer.id === id).map(({ caller }) => caller)
    return setters.length === 0 || setters.includes(name)
      ? []
      : [
          {
            kind: 'lost update' as const,
            says: `An update is lost: ${setters.join(' and ')} have set the name, and it is ${name}.`,
          },
        ]
  })
}

/** Each row that a caller can have made, one caller was told to have made; and no other row. */
function unmade(rows: readonly Race[], answers: Answers): readonly Finding[] {
  const ids = new Set([...rows, ...answers].map(({ id }) => id))
  return [...ids].flatMap((id) => {
    const makers = answers.filter((answer) => answer.id === id && answer.word === 'created').length
    const isStored = rows.some((row) => row.id === id)
    const isRight = id > 0 ? makers === 1 || (makers === 0 && !isStored) : makers === 0
    return isRight
      ? []
      : [
          {
            kind: 'false answer' as const,
            says: `Those who were told that they have made row ${id}: ${makers}.`,
          },
        ]
  })
}

/** Each row that was given is there; but for as many as were deleted. */
function missing(rows: readonly Race[], answers: Answers, deleted: number): readonly Finding[] {
  const gone = new Set(answers.map(({ id }) => id).filter((id) => rows.every((row) => row.id !== id)))
  return gone.size > deleted
    ? [{ kind: 'false answer', says: `Rows were given that are not there: ${[...gone].join(', ')}.` }]
    : []
}
