import type { Values } from './candidate.ts'
import type { Database } from './database.ts'
import type { Arbiter, StatementKind } from './dialect.ts'
import { findThenInsertAll } from './find-then-insert-all.ts'
import { insertThenUpdateAll } from './insert-then-update-all.ts'
import { answersOf, runAll } from './run-list.ts'
import type { Answers, ListCall, ListItem, Outcome } from './run-list.ts'
import { isEmpty } from './shape.ts'

/** The statements for a list of items of one shape. */
export interface KeyList {
  findOrInsertAll(items: readonly ListItem[]): Promise<Answers>
  /** Also leaves those unanswered that have the key of another before them. */
  updateOrInsertAll(items: readonly ListItem[]): Promise<Answers>
}

/** Whether the engine has statements for lists, and the data tool a way to send these values in one. */
export function canList({ dialect }: Database, { row, changes }: ListItem): boolean {
  const { statements, capabilities } = dialect
  const kind: StatementKind = changes ? 'updateAll' : 'findAll'
  if (!statements[kind]) return false
  if (!capabilities.listsAreArrays) return !changes || (areShort(row) && areShort(changes))
  return allTravel(row) && (!changes || allTravel(changes))
}

function allTravel(values: Values): boolean {
  for (const value of values) if (typeof value === 'object' && !travels(value)) return false
  return true
}

/**
 * A statement to lock a list sends each value twice, of up to 64 rows. One that is longer than the server takes
 * (`max_allowed_packet`, 16 MB unless told) costs the connection.
 */
function areShort(values: Values): boolean {
  for (const value of values)
    if ((typeof value === 'string' || value instanceof Uint8Array) && value.length > 8192) return false
  return true
}

/**
 * Whether a driver sends an object in an array as it sends it alone. An array in an array would be taken for a second
 * dimension, and what is of a class of the driver's own may be no value at all.
 */
function travels(value: object | null): boolean {
  if (value === null || value instanceof Date || value instanceof Uint8Array) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

export function keyList(call: ListCall, arbiter: Arbiter): KeyList {
  const answers = async (
    kind: StatementKind,
    items: readonly ListItem[],
    usual?: Outcome,
  ): Promise<Answers> =>
    answersOf(call.key, items.length, await runAll({ ...call, arbiter, kind, items }), usual)
  const findOrInsertAll = (items: readonly ListItem[]): Promise<Answers> => {
    const { statements } = call.db.dialect
    if (!statements.findOrInsertAll) return findThenInsertAll({ ...call, arbiter }, items)
    if (call.expected === 'found') return answers('findAll', items)
    if (call.expected && statements.insertFreeAll) return answers('insertFreeAll', items, 'created')
    return answers('findOrInsertAll', items)
  }
  return {
    findOrInsertAll,
    // First all inserts, then all locks, each in the order of the keys: so that no list holds a lock for which another waits
    // while it waits for that one.
    async updateOrInsertAll(items) {
      if (items[0]?.changes && isEmpty(items[0].changes)) return findOrInsertAll(items)
      if (!call.db.dialect.statements.findOrInsertAll) return insertThenUpdateAll({ ...call, arbiter }, items)
      const inserted = await findOrInsertAll(items)
      const locked = await among(items, inserted, {
        isOpen: (outcome) => outcome !== 'created',
        ask: (open) => answers('lockAll', open),
      })
      return among(items, locked, {
        isOpen: (outcome) => outcome === 'locked',
        ask: (open) => answers('updateAll', open),
      })
    },
  }
}

interface Among {
  readonly isOpen: (outcome: Outcome | undefined) => boolean
  readonly ask: (open: readonly ListItem[]) => Promise<Answers>
}

/** Asks again for those of a list that are still open. */
async function among(items: readonly ListItem[], answers: Answers, { isOpen, ask }: Among): Promise<Answers> {
  const open = items.filter((_, index) => isOpen(answers[index]?.outcome))
  if (open.length === 0) return answers
  const asked = (await ask(open)).values()
  return answers.map((answer) => (isOpen(answer?.outcome) ? asked.next().value : answer))
}
