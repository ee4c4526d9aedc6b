import type { Isolation, Relations } from './sessions.ts'
import type { Command } from './statement.ts'

/** What a step reads and writes, as far as others can notice. Tables are in lower case. */
export interface Footprint {
  readonly reads: ReadonlySet<string>
  /** Writes or locks rows. Others do not see that yet, but may have to wait. */
  readonly writes: ReadonlySet<string>
  /** What others see from now on. */
  readonly publishes: ReadonlySet<string>
  /** Decides what the transaction sees from now on, of all tables. */
  readonly isSnapshot: boolean
  /** Nobody knows what it does. */
  readonly isOpaque: boolean
  /** A yield point, which stands for something that is not in the database. */
  readonly isOutside: boolean
  /** At this level, reads keep others from writing, or their commits from succeeding. */
  readonly isSerializable: boolean
  /** Its transaction is one of those among which the server looks for cycles, through all tables. */
  readonly isWatched: boolean
  /** It sees what others have not committed. */
  readonly isDirty: boolean
  /** It has come to wait for a lock. */
  readonly isWaiting: boolean
}

const none: ReadonlySet<string> = new Set()

const nothing: Footprint = {
  reads: none,
  writes: none,
  publishes: none,
  isSnapshot: false,
  isOpaque: false,
  isOutside: false,
  isSerializable: false,
  isWatched: false,
  isDirty: false,
  isWaiting: false,
}

export const yieldFootprint: Footprint = { ...nothing, isOutside: true }
export const opaqueFootprint: Footprint = { ...nothing, isOpaque: true }
export const waitingFootprint: Footprint = { ...nothing, isWaiting: true }

/** What a session's transaction has done so far. */
export interface TransactionState {
  readonly isOpen: boolean
  readonly isolation: Isolation
  /** Of the transactions to come; undefined if nobody knows any more how they begin. */
  readonly usual: Isolation | undefined
  readonly touched: ReadonlySet<string>
  /** A statement has failed, so the server may have ended the transaction by itself. */
  readonly hasFailed: boolean
  /** Something was done of which nobody knows what it was; so nobody knows what the rest does, or the end. */
  readonly isUnknown: boolean
}

export const noTransaction = (usual: Isolation | undefined): TransactionState => ({
  isOpen: false,
  isolation: usual ?? 'serializable',
  usual,
  touched: none,
  hasFailed: false,
  isUnknown: usual === undefined,
})

interface Done {
  readonly footprint: Footprint
  readonly after: TransactionState
}

/** What a statement does in a session, and the state that it leaves the session's transaction in. */
export function footprintOf(command: Command, before: TransactionState, relations: Relations): Done {
  const { footprint, after } = known(command, before, relations)
  const isOpaque = footprint.isOpaque || before.isUnknown
  const isOver = command.kind === 'commit' || command.kind === 'rollback'
  return {
    footprint: { ...footprint, isOpaque },
    after: isOpaque && !isOver ? { ...after, isUnknown: true } : after,
  }
}

function known(command: Command, before: TransactionState, relations: Relations): Done {
  const level = levelOf(before)
  switch (command.kind) {
    case 'begin':
      return begun(command, before)
    case 'isolation':
      return { footprint: nothing, after: { ...before, isolation: command.isolation } }
    case 'usual':
      return {
        footprint: nothing,
        after: before.isOpen ? { ...before, usual: command.isolation } : noTransaction(command.isolation),
      }
    case 'commit':
    case 'rollback':
      return {
        // A rollback publishes nothing, but those who wait for its locks go on.
        footprint: { ...level, publishes: before.touched },
        after: noTransaction(before.usual),
      }
    case 'undo':
      return { footprint: { ...level, publishes: before.touched }, after: before }
    case 'session':
      return { footprint: nothing, after: before }
    case 'several':
      return inTurn(command.commands, before, relations)
    case 'opaque':
      return { footprint: { ...level, isOpaque: true }, after: before }
    default:
      return queried(command, before, relations)
  }
}

function begun(
  { isolation, isSnapshot }: Extract<Command, { readonly kind: 'begin' }>,
  before: TransactionState,
): Done {
  const after = { ...before, isolation: isolation ?? before.isolation, isOpen: true }
  // Within a transaction, PostgreSQL only warns; MariaDB commits it.
  if (before.isOpen) return { footprint: opaqueFootprint, after }
  return { footprint: { ...nothing, isSnapshot }, after }
}

function inTurn(commands: readonly Command[], before: TransactionState, relations: Relations): Done {
  let done: Done = { footprint: nothing, after: before }
  for (const command of commands) {
    const { footprint, after } = footprintOf(command, done.after, relations)
    done = { footprint: union(done.footprint, footprint), after }
  }
  return done
}

function queried(
  command: Extract<Command, { readonly kind: 'query' }>,
  before: TransactionState,
  relations: Relations,
): Done {
  const reads = withRelated(command.reads, relations)
  const writes = withRelated(command.writes, relations)
  const level = levelOf(before)
  const touched = new Set([...before.touched, ...writes, ...(level.isSerializable ? reads : none)])
  return {
    footprint: {
      ...level,
      reads,
      writes,
      publishes: before.isOpen && !before.hasFailed ? none : writes,
      // PostgreSQL takes it with the first statement, InnoDB with the first that locks nothing.
      isSnapshot: before.isOpen && (level.isSerializable || before.isolation === 'repeatable read'),
      isOpaque: [...writes].some((table) => relations.opaque.has(table)),
    },
    after: before.isOpen ? { ...before, touched } : before,
  }
}

/** What comes of a statement's failure: PostgreSQL lets all locks go; InnoDB too, if it was a deadlock, and ends the transaction. */
export function failed(before: TransactionState): Done {
  return {
    footprint: { ...levelOf(before), publishes: before.touched, isOpaque: before.isUnknown },
    after: { ...before, hasFailed: before.isOpen },
  }
}

function levelOf({ isolation }: TransactionState): Footprint {
  return {
    ...nothing,
    isSerializable: isolation === 'serializable',
    isDirty: isolation === 'read uncommitted',
  }
}

/** With those that a statement on them touches besides. */
function withRelated(tables: ReadonlySet<string>, { reads }: Relations): ReadonlySet<string> {
  const related = [...tables].flatMap((table) => reads.get(table) ?? [])
  return new Set([...tables, ...related])
}

/** Whether it may matter which of two steps of different actors comes first. In doubt it does. */
export function conflict(a: Footprint, b: Footprint): boolean {
  // What follows a yield point uses what is not in the database, and so may what follows a statement's answer.
  if (a.isOpaque || b.isOpaque || a.isOutside || b.isOutside) return true
  // Who comes to wait first decides whom the server ends, if they come to wait for each other.
  if (a.isWaiting && b.isWaiting) return true
  // Who commits first decides who fails.
  if (a.isWatched && b.isWatched) return isAny(a) && isAny(b)
  return matters(a, b) || matters(b, a)
}

/** Whether what `a` does can matter to `b`. */
function matters(a: Footprint, b: Footprint): boolean {
  if (b.isSnapshot && a.publishes.size > 0) return true
  if (meet(a.publishes, b.reads) || meet(a.publishes, b.writes) || meet(a.writes, b.writes)) return true
  return (a.isSerializable || b.isSerializable || b.isDirty) && meet(a.writes, b.reads)
}

function isAny({ reads, writes, publishes, isSnapshot }: Footprint): boolean {
  return isSnapshot || reads.size + writes.size + publishes.size > 0
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const table of a) if (b.has(table)) return true
  return false
}

/** Both together: of a step during which another's statement went on. */
export function union(a: Footprint, b: Footprint): Footprint {
  return {
    reads: new Set([...a.reads, ...b.reads]),
    writes: new Set([...a.writes, ...b.writes]),
    publishes: new Set([...a.publishes, ...b.publishes]),
    isSnapshot: a.isSnapshot || b.isSnapshot,
    isOpaque: a.isOpaque || b.isOpaque,
    isOutside: a.isOutside || b.isOutside,
    isSerializable: a.isSerializable || b.isSerializable,
    isWatched: a.isWatched || b.isWatched,
    isDirty: a.isDirty || b.isDirty,
    isWaiting: a.isWaiting || b.isWaiting,
  }
}
