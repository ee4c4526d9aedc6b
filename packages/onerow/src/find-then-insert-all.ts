import type { StoredRow } from './database.ts'
import type { Arbiter, StatementKind } from './dialect.ts'
import { inKeyOrder, withoutRepeats } from './key-order.ts'
import { readMark } from './read-mark.ts'
import { answersOf, runAll } from './run-list.ts'
import type { Answers, ListCall, ListItem } from './run-list.ts'
import { decoded, outcomeOf } from './run-statement.ts'
import { StatementFailure } from './statement-failure.ts'
import { committed } from './transaction.ts'

/** The server keeps the plan of a statement for each connection, and that of a list takes room for each row. */
export const mostPlaces = 64

/** A call of a list, for an engine whose statements have a place for each row. */
export interface CallByPlaces extends ListCall {
  readonly arbiter: Arbiter
}

/** Finds or inserts a list in two statements, where the engine has none for both. */
export async function findThenInsertAll(call: CallByPlaces, items: readonly ListItem[]): Promise<Answers> {
  const answers: Answers[] = []
  for (let start = 0; start < items.length; start += mostPlaces)
    answers.push(await findThenInsert(call, items.slice(start, start + mostPlaces)))
  return answers.flat()
}

async function findThenInsert(call: CallByPlaces, items: readonly ListItem[]): Promise<Answers> {
  const { key, db } = call
  const answers = answersOf(key, items.length, await lookedUp(call, 'findAll', items))
  const isMissing = items.map((_, index) => !answers[index])
  const missing = items.filter((_, index) => isMissing[index])
  // A key that is NULL by an expression would not be unique, and only a call alone asks for that.
  const canBeNull = key.nulls === 'distinct' && key.parts.some((part) => part.of)
  if (missing.length === 0 || canBeNull || !db.dialect.statements.insertAll) return answers
  // What collations may find equal is left for the next time: in one statement, the second would fail all.
  const inserted = withoutRepeats(
    key,
    inKeyOrder(key, missing, ({ row }) => row),
    ({ row }) => row,
  )
  const records = await insertedRows(call, inserted)
  for (const [place, item] of inserted.entries()) {
    const record = records[place]
    if (record) answers[items.indexOf(item)] = { row: decoded(key.table, record), outcome: 'created' }
  }
  return answers
}

/** The records of a statement that looks up a list, {@link mostPlaces} at most, with what is told of its first row read. */
export async function lookedUp(
  call: CallByPlaces,
  kind: StatementKind,
  items: readonly ListItem[],
): Promise<readonly StoredRow[]> {
  // For 1, 2, 4, … rows, so that there are few statements.
  const rows = 2 ** Math.ceil(Math.log2(items.length))
  const records = await runAll({ ...call, kind, items, rows })
  return records.filter((record) => {
    const [, outcome = 'found', mark] = /^(?:(\w+) )?([01][+-].*)$/s.exec(outcomeOf(record)) ?? []
    if (mark === undefined) return true
    Reflect.set(record, 'onerow', `${outcome} 1`)
    return readMark(mark, call, call.arbiter)
  })
}

/** None, when one of them is there already after all: the database inserts all of a statement or none. */
async function insertedRows(call: CallByPlaces, items: readonly ListItem[]): Promise<readonly StoredRow[]> {
  try {
    return await committed(call, call.arbiter, (db) =>
      runAll({ ...call, db, kind: 'insertAll', items, rows: items.length }),
    )
  } catch (error) {
    if (error instanceof StatementFailure && error.failure.kind === 'unique-violation') return []
    throw error
  }
}
