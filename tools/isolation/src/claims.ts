import type { NaiveCell } from './naive.ts'
import type { EngineRun } from './run-isolation.ts'
import { bullet } from './text.ts'

/** A race of the first story's code, and the engine that it was on. */
type Race = NaiveCell & { readonly engine: string }

/** What the document says in words, made of what the runs have shown. */
interface Claim {
  readonly words: string
  /** Whether it is true of every race that it is about, of which there is at least one. */
  readonly holds: boolean
}

/** @throws when a run contradicts what the document is to say */
export function answer(runs: readonly EngineRun[]): string {
  const races = runs.flatMap(({ engine, naive }) => naive.map((cell) => ({ ...cell, engine: engine.name })))
  const claims = [...claimsWithoutKey(races), ...claimsWithKey(races), ...claimsOfOnerow(runs)]
  for (const { words, holds } of claims) {
    if (!holds) throw new Error(`The runs contradict what docs/isolation.md is to say: ${words}`)
  }
  return claims.map(({ words }) => bullet(words)).join('\n')
}

const isSerializable = ({ level }: NaiveCell): boolean => level.isolation === 'serializable'
const isInTransaction = ({ way }: NaiveCell): boolean => way !== 'autocommit'
const makesTwo = ({ rows, told, rivalTold }: NaiveCell): boolean =>
  rows === 2 && told === 'created' && rivalTold === 'created'

function claimsWithoutKey(all: readonly Race[]): readonly Claim[] {
  const races = all.filter(({ isUnique, situation }) => !isUnique && situation.ends === 'commit')
  const belowSerializable = races.filter((race) => !isSerializable(race))
  const serializable = races.filter(isSerializable)
  const alone = serializable.filter((race) => !isInTransaction(race))
  const alike = serializable.filter((race) => isInTransaction(race) && race.situation.reads)
  const blind = serializable.filter((race) => isInTransaction(race) && !race.situation.reads)
  const hasOneWriter = ({ engine }: Race): boolean => engine.startsWith('SQLite')
  const deceived = engines(blind.filter((race) => !hasOneWriter(race)))
  return [
    {
      words:
        '**Without a unique constraint, READ COMMITTED and REPEATABLE READ let both callers make a row**, in a transaction ' +
        'or in none, behind a savepoint or not, and tell both that all went well.',
      holds: every(belowSerializable, makesTwo),
    },
    {
      words:
        '**Outside a transaction, SERIALIZABLE changes nothing**: the read and the insert are then a transaction each, and ' +
        'there are two rows.',
      holds: every(alone, makesTwo),
    },
    {
      words:
        '**A SERIALIZABLE transaction stops the second row if the rival runs the same code**, by failing one of the two, ' +
        `which then has to run again: ${codesByEngine(alike)}.`,
      holds: every(alike, ({ rows, told }) => rows === 1 && told !== 'created'),
    },
    {
      words:
        `**On ${deceived.join(' and ')} it does not stop a rival who inserts without looking**, such as an import: two rows, ` +
        'also at SERIALIZABLE, where they count as one transaction after the other. SQLite fails the caller here too: a ' +
        'transaction that has read may not write once another has.',
      holds: every(blind, (race) =>
        hasOneWriter(race) ? race.rows === 1 && race.told !== 'created' : makesTwo(race),
      ),
    },
  ]
}

function claimsWithKey(all: readonly Race[]): readonly Claim[] {
  const races = all.filter(({ isUnique }) => isUnique)
  const losers = races.filter(
    ({ situation, rivalTold }) => situation.ends === 'commit' && rivalTold === 'created',
  )
  const behindSavepoint = losers.filter(({ way }) => way === 'savepoint')
  const isReadCommitted = ({ level }: NaiveCell): boolean => level.isolation === 'read committed'
  return [
    {
      words:
        '**With the unique constraint there was never a second row**, on any engine, at any level, in any way of calling.',
      holds: every(races, ({ rows }) => rows <= 1) && every(losers, ({ rows }) => rows === 1),
    },
    {
      words: `**The level then decides only what the loser is told**: ${codesByEngine(losers)}.`,
      holds: every(losers, ({ told }) => told !== 'created'),
    },
    {
      words:
        '**A savepoint prevents nothing. It lets the loser go on after its refused insert, and only at READ COMMITTED does ' +
        "it then find the winner's row.** Above that, the insert is refused because of a row that the transaction's " +
        'snapshot does not show, or the failure is one that takes the whole transaction with it.',
      holds:
        every(behindSavepoint.filter(isReadCommitted), ({ told }) => told.endsWith('then found')) &&
        every(
          behindSavepoint.filter((race) => !isReadCommitted(race)),
          ({ told }) => !told.endsWith('then found'),
        ),
    },
  ]
}

function claimsOfOnerow(runs: readonly EngineRun[]): readonly Claim[] {
  const cells = runs.flatMap((run) => run.cells)
  const last = (cell: (typeof cells)[number]) => cell.told.calls.at(-1)
  return [
    {
      words:
        "**onerow's calls need the constraint, and no savepoint.** Outside a transaction at every level, and in the caller's " +
        "transaction at READ COMMITTED, every call got its row. Above that, in the caller's transaction, it got the row or " +
        '`retry-transaction`.',
      holds:
        every(
          cells.filter(({ way, level }) => way === 'autocommit' || level.isolation === 'read committed'),
          (cell) => last(cell)?.row !== undefined,
        ) &&
        every(cells, (cell) => last(cell)?.row !== undefined || last(cell)?.word === 'retry-transaction'),
    },
    {
      words:
        '**After `retry-transaction` only a new transaction helps.** A savepoint and the same call again gave the same ' +
        'error, unless all that was in the way was a lock that the rival has let go meanwhile; on MariaDB the savepoint may be ' +
        'gone with the transaction. `transaction(db, work)` runs the work again, and every call in it got its row.',
      holds:
        every(
          cells.filter(({ told }) => told.calls.length === 2),
          ({ told, situation }) =>
            situation.ends === 'rollback' || told.calls[1]?.word === 'retry-transaction',
        ) &&
        every(
          cells.filter(({ way }) => way === 'retried'),
          (cell) => last(cell)?.row !== undefined,
        ),
    },
  ]
}

/** True of each, of which there is at least one. */
function every<Item>(items: readonly Item[], holds: (item: Item) => boolean): boolean {
  return items.length > 0 && items.every(holds)
}

function engines(races: readonly Race[]): readonly string[] {
  return [...new Set(races.map(({ engine }) => engine))]
}

/** `PostgreSQL 18: 23505, 40001; …`: the codes of the caller's errors. */
function codesByEngine(races: readonly Race[]): string {
  const codesOn = (engine: string): readonly string[] => {
    const told = races
      .filter((race) => race.engine === engine)
      .map((race) => race.told.split(', then ')[0] ?? '')
    return [...new Set(told)].map((code) => `\`${code}\``)
  }
  return engines(races)
    .map((engine) => `${engine} with ${codesOn(engine).join(', ')}`)
    .join('; ')
}
