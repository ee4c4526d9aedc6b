import type { Isolation } from './sessions.ts'
import { textsIn } from './statement-words.ts'

/** What a statement is, as far as others can notice. */
export type Command =
  | { readonly kind: 'begin'; readonly isolation: Isolation | undefined; readonly isSnapshot: boolean }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  /** Back to a savepoint: the locks since then are let go. */
  | { readonly kind: 'undo' }
  /** Of the transaction that is open; or, on MariaDB, the next. */
  | { readonly kind: 'isolation'; readonly isolation: Isolation }
  /** Of the session's transactions to come; undefined if nobody knows any more how they begin. */
  | { readonly kind: 'usual'; readonly isolation: Isolation | undefined }
  | { readonly kind: 'query'; readonly reads: ReadonlySet<string>; readonly writes: ReadonlySet<string> }
  /** Concerns nobody but the session: a savepoint, a setting. */
  | { readonly kind: 'session' }
  /** In one text. */
  | { readonly kind: 'several'; readonly commands: readonly Command[] }
  | { readonly kind: 'opaque' }

/** What stands for the locks that belong to no table: PostgreSQL's advisory locks, MariaDB's GET_LOCK. */
export const ownLocks = '(locks)'

/**
 * Reads a statement of PostgreSQL's, MySQL's or MariaDB's SQL, whichever it is. Not by its grammar: it looks for the words that
 * name tables, and what it does not know is opaque. So it can find too much, which costs an exploration time, and not too little;
 * but for functions that write, of which the statement does not tell.
 */
export function readStatement(text: string): Command {
  const texts = textsIn(text)
  // Which setting this sets, is in a string.
  const isUnknown = /set_config/i.test(text) && /isolation/i.test(text)
  if (!texts || isUnknown) return { kind: 'opaque' }
  const commands = texts.map(readWords)
  if (commands.some(({ kind }) => kind === 'opaque')) return { kind: 'opaque' }
  const [only = { kind: 'session' }] = commands
  return commands.length > 1 ? { kind: 'several', commands } : only
}

function readWords(words: readonly string[]): Command {
  const [first, second = ''] = words
  switch (first) {
    case 'begin':
    case 'start':
      return beginning(words, second)
    case 'commit':
    case 'end':
      return isPlainEnd(words) ? { kind: 'commit' } : { kind: 'opaque' }
    case 'rollback':
    case 'abort':
      if (words.includes('to')) return { kind: 'undo' }
      return isPlainEnd(words) ? { kind: 'rollback' } : { kind: 'opaque' }
    case 'savepoint':
    case 'release':
    case 'show':
    case 'deallocate':
    case 'use':
      return { kind: 'session' }
    case 'set':
      return setting(words, second)
    case 'select':
    case 'with':
    case 'insert':
    case 'update':
    case 'delete':
    case 'replace':
    case 'merge':
    case 'values':
    case 'table':
    case '(':
      return query(words)
    default:
      return { kind: 'opaque' }
  }
}

function beginning(words: readonly string[], second: string): Command {
  // START SLAVE; and MariaDB's BEGIN NOT ATOMIC, which begins a block of statements.
  const isTransaction = words[0] === 'begin' ? !words.includes('atomic') : second === 'transaction'
  if (!isTransaction) return { kind: 'opaque' }
  return { kind: 'begin', isolation: isolationIn(words), isSnapshot: words.includes('snapshot') }
}

/** COMMIT AND CHAIN begins another; COMMIT PREPARED ends one of no session. */
function isPlainEnd(words: readonly string[]): boolean {
  const isKnown = words
    .slice(1)
    .every((word) => ['work', 'transaction', 'and', 'no', 'chain', 'release'].includes(word))
  return isKnown && (!words.includes('chain') || words.includes('no'))
}

function setting(words: readonly string[], second: string): Command {
  const decides = words.some((word) => word === 'autocommit' || word.endsWith('isolation'))
  // MariaDB's SET STATEMENT … FOR another.
  if (second === 'statement' && !decides) return readWords(words.slice(words.indexOf('for') + 1))
  // SET CONSTRAINTS checks what was put off; SET TRANSACTION SNAPSHOT takes another's.
  if (['statement', 'constraints', 'global'].includes(second) || words.includes('snapshot'))
    return { kind: 'opaque' }
  if (words.includes('select')) return query(words)
  const isolation = isolationIn(words)
  if (second === 'transaction') return isolation ? { kind: 'isolation', isolation } : { kind: 'session' }
  if (decides) return { kind: 'usual', isolation: words.includes('autocommit') ? undefined : isolation }
  return callsLocks(words) ? query(words) : { kind: 'session' }
}

function isolationIn(words: readonly string[]): Isolation | undefined {
  const at = words.indexOf('isolation')
  if (at < 0) return undefined
  const [, , first = '', second = ''] = words.slice(at)
  switch (`${first} ${second}`) {
    case 'read uncommitted':
      return 'read uncommitted'
    case 'read committed':
      return 'read committed'
    case 'repeatable read':
      return 'repeatable read'
    default:
      return first === 'serializable' ? 'serializable' : undefined
  }
}

const writing = new Set(['insert', 'update', 'delete', 'replace', 'merge'])

/** The words after which tables are named. */
const beforeTables = new Set([...writing, 'from', 'join', 'straight_join', 'using', 'into', 'table'])

/** But not here. */
const notBeforeTables = new Set(['distinct from', 'for update', 'key update'])

/**
 * A statement that writes or locks rows is taken to write in all tables that it names: which of them it writes, the words do not
 * tell (`delete a, b from …`), and InnoDB locks what a writing statement reads.
 */
function query(words: readonly string[]): Command {
  const tables = new Set<string>()
  for (const [index, word] of words.entries()) {
    // The functions of these names: INSERT(…), REPLACE(…).
    const isFunction = writing.has(word) && words[index + 1] === '('
    const isOther = notBeforeTables.has(`${words[index - 1]} ${word}`)
    if (beforeTables.has(word) && !isFunction && !isOther) addTables(tables, words, index + 1)
  }
  if (callsLocks(words)) tables.add(ownLocks)
  if (isUnclear(words)) return { kind: 'opaque' }
  return { kind: 'query', reads: tables, writes: writesOrLocks(words) ? tables : new Set() }
}

function callsLocks(words: readonly string[]): boolean {
  return words.some((word) =>
    /^(pg_(try_)?advisory_|(get|release|is_free|is_used|release_all)_locks?$)/.test(word),
  )
}

/** SELECT … INTO makes a table. A sequence gives its numbers to whoever comes first. Some settings decide how transactions begin. */
function isUnclear(words: readonly string[]): boolean {
  return (
    (words[0] === 'select' && words.includes('into')) ||
    words.some((word, index) => word === 'set_config' && words[index + 2] !== ',') ||
    words.some((word) => /^(nextval|setval)$/.test(word)) ||
    words.some((word, index) => word === 'next' && words[index + 1] === 'value')
  )
}

/** Writes; or FOR UPDATE, FOR SHARE and their kin, LOCK IN SHARE MODE; or locks of no table. */
function writesOrLocks(words: readonly string[]): boolean {
  return (
    callsLocks(words) ||
    words.some(
      (word, index) =>
        (writing.has(word) && words[index + 1] !== '(') ||
        (word === 'for' && ['update', 'share', 'no', 'key'].includes(words[index + 1] ?? '')) ||
        (word === 'lock' && words[index + 1] === 'in'),
    )
  )
}

/** Words that can stand where a table's name does, before it. */
const beforeNames = new Set(
  'only lateral table into from ignore low_priority high_priority delayed quick'.split(' '),
)

/** Words that end a list of tables. */
const afterTables = new Set(
  'where set group order having window limit offset fetch for returning union intersect except select values'.split(
    ' ',
  ),
)

/** The tables of a list, to its end: `a, "b" as x, (c join d), only e`. */
function addTables(tables: Set<string>, words: readonly string[], start: number): void {
  /** Of each parenthesis that is open, whether it may have tables in it. */
  const isAround: boolean[] = []
  let isNext = true
  for (let at = start; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '(') isAround.push(isNext)
    else if (word === ')' ? isAround.pop() === undefined : afterTables.has(word)) {
      if (isAround.length === 0) return
      if (word !== ')') isAround[isAround.length - 1] = isNext = false
    } else if (word === ',') isNext = isAround.every(Boolean)
    else if (isNext && !beforeNames.has(word)) {
      // Of `"public"."item"`, the last.
      while (words[at + 1] === '.') at += 2
      addName(tables, words[at] ?? '')
      isNext = false
    }
  }
}

function addName(tables: Set<string>, word: string): void {
  if (/^["`\w\u0080-\uffff]/.test(word) && !/^\d+$/.test(word) && word !== 'select')
    tables.add(word.replaceAll(/^["`]|["`]$/g, '').toLowerCase())
}
