import type { StoredRow } from './database.ts'
import { findThenInsertAll, lookedUp, mostPlaces } from './find-then-insert-all.ts'
import type { CallByPlaces } from './find-then-insert-all.ts'
import { inKeyOrder, withoutRepeats } from './key-order.ts'
import type { Decided } from './key-rows.ts'
import type { KeyDefinition } from './key.ts'
import { answersOf, runAll, toldBy } from './run-list.ts'
import type { Answers, ListItem, Outcome } from './run-list.ts'

/** The UPDATE joins a table for each row. With more than these it is no faster, and with more than 61 refused. */
const mostUpdated = 32

type Answer = Decided<Outcome>

/**
 * Inserts what is missing of a list, then locks what is there, then updates it: each in the order of the keys. Of several rows
 * with one key it answers the first.
 */
export async function insertThenUpdateAll(call: CallByPlaces, items: readonly ListItem[]): Promise<Answers> {
  const { key } = call
  const sorted = withoutRepeats(
    key,
    inKeyOrder(key, items, ({ row }) => row),
    ({ row }) => row,
  )
  const answers = new Map<ListItem, Answer>()
  const found: ListItem[] = []
  for (const [index, answer] of (await findThenInsertAll(call, sorted)).entries()) {
    const item = sorted[index]
    if (item && answer?.outcome === 'found') found.push(item)
    else if (item && answer) answers.set(item, answer)
  }
  const locked = firstOfEach(items, await lockAll(call, found))
  for (const [item, { answer }] of locked) if (answer.outcome === 'unchanged') answers.set(item, answer)
  const changed = found.filter((item) => locked.get(item)?.answer.outcome === 'locked')
  for (const [item, answer] of await updateAll(call, changed)) answers.set(item, answer)
  return items.map((item) => answers.get(item))
}

interface Locked {
  readonly answer: Answer
  /** The same for two items only if they may have met the same row. */
  readonly identity: string
}

async function lockAll(call: CallByPlaces, items: readonly ListItem[]): Promise<Map<ListItem, Locked>> {
  const locked = new Map<ListItem, Locked>()
  for (const part of partsOf(items)) {
    const records = await lookedUp(call, 'lockAll', part)
    const identities = new Map(records.map((record) => [toldBy(record).index, identityOf(call.key, record)]))
    for (const [index, answer] of answersOf(call.key, part.length, records).entries()) {
      const [item, identity] = [part[index], identities.get(index)]
      if (item && answer && identity !== undefined) locked.set(item, { answer, identity })
    }
  }
  return locked
}

/** Of the items that met the same row, the first of the list: only the database knows which keys are equal. */
function firstOfEach(
  items: readonly ListItem[],
  locked: ReadonlyMap<ListItem, Locked>,
): ReadonlyMap<ListItem, Locked> {
  const firsts = new Map<string, readonly [ListItem, Locked]>()
  for (const item of items) {
    const met = locked.get(item)
    if (met && !firsts.has(met.identity)) firsts.set(met.identity, [item, met])
  }
  return new Map(firsts.values())
}

/** The stored key, as far as the driver tells its values apart: two rows taken for one only cost another round. */
function identityOf({ parts }: KeyDefinition, record: StoredRow): string {
  const values = parts.map(({ column }) => record[column.property])
  return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

/** Updates rows that are locked, and reads what the columns have made of the values. */
async function updateAll(call: CallByPlaces, items: readonly ListItem[]): Promise<Map<ListItem, Answer>> {
  for (let start = 0; start < items.length;) {
    // 1, 2, 4, … rows, so that there are few statements; none twice, as each sets its own values.
    const rows = Math.min(mostUpdated, 2 ** Math.floor(Math.log2(items.length - start)))
    await runAll({ ...call, kind: 'updateAll', items: items.slice(start, start + rows), rows })
    start += rows
  }
  const updated = new Map<ListItem, Answer>()
  for (const part of partsOf(items)) {
    const answers = answersOf(call.key, part.length, await lookedUp(call, 'findCurrentAll', part))
    for (const [index, item] of part.entries()) {
      const answer = answers[index]
      if (answer) updated.set(item, { ...answer, outcome: 'updated' })
    }
  }
  return updated
}

function partsOf(items: readonly ListItem[]): readonly (readonly ListItem[])[] {
  return Array.from({ length: Math.ceil(items.length / mostPlaces) }, (_, part) =>
    items.slice(part * mostPlaces, (part + 1) * mostPlaces),
  )
}
