import { literalOf, quoted } from './postgres-literal.ts'
import type { Run, Step } from './run.ts'
import { fillIn, replaceTokens } from './sql-tokens.ts'

/** What surrounds the sessions in an isolationtester's file. */
export interface IsolationtesterOptions {
  /** Makes the tables and their rows: one text, or several that each run by themselves. */
  readonly setup: string | readonly string[]
  /** Removes them. */
  readonly teardown: string
}

/**
 * A run on PostgreSQL as a file for PostgreSQL's own isolationtester (`src/test/isolation` in its source), which needs no
 * application: the statements of each session with their values in them, in the order of the schedule.
 *
 * An actor's sessions have its name. Yield points are left out, and so is a step that the explorer did not send.
 *
 * @throws `TypeError` when in this run a connection was cut or a statement ended: isolationtester cannot do that
 * @example
 * ```ts
 * const [violation] = report.violations
 * const setup = 'create table document (user_id text, document_type text);'
 * if (violation?.run) writeFileSync('two-cards.spec', isolationtester(violation.run, { setup, teardown: 'drop table document;' }))
 * ```
 */
export function isolationtester(run: Run, { setup, teardown }: IsolationtesterOptions): string {
  const fault = run.choices.find((choice) => choice.fault !== undefined && choice.fault !== 'rollback')?.fault
  if (fault !== undefined)
    throw new TypeError(
      `This run has the fault "${fault}", which isolationtester cannot do. Take a run without it.`,
    )
  const names = sessionNames(run.steps)
  const steps = run.steps.flatMap((step, index) => {
    const session = names.get(sessionKey(step))
    return session === undefined || isLeftOut(step)
      ? []
      : [{ session, name: `${index + 1}_${session}`, sql: sqlOf(step) }]
  })
  const sessions = [...new Set(names.values())].map((session) => {
    const own = steps.filter((step) => step.session === session)
    return [`session "${session}"`, ...own.map(({ name, sql }) => `step "${name}" { ${sql} }`)].join('\n')
  })
  return `${[
    ...[setup].flat().map((text) => `setup { ${withoutBraces(text.trim())} }`),
    `teardown { ${withoutBraces(teardown.trim())} }`,
    ...sessions,
    `permutation ${steps.map(({ name }) => `"${name}"`).join(' ')}`,
  ].join('\n\n')}\n`
}

function isLeftOut({ footprint, choice }: Step): boolean {
  return footprint.isOutside || choice.fault === 'rollback'
}

const sessionKey = ({ actor, session }: Step) => `${actor} ${session}`

/** The actor's name; of its second connection, with a number. */
function sessionNames(steps: readonly Step[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const step of steps) {
    if (isLeftOut(step) || names.has(sessionKey(step))) continue
    const own = step.actor.replaceAll(/["\p{Cc}]/gu, '_')
    let name = own
    for (let count = 2; taken.has(name); count++) name = `${own}_${count}`
    taken.add(name)
    names.set(sessionKey(step), name)
  }
  return names
}

function sqlOf({ text, values }: Step): string {
  const sql = withoutBraces(fillIn(text, values, literalOf).text.trim())
  // A comment at the end would hide the semicolon.
  return sql.endsWith(';') ? sql : /--[^\n]*$/.test(sql) ? `${sql}\n;` : `${sql};`
}

/** The same statement without a closing brace, which ends it in that file wherever it stands. */
function withoutBraces(sql: string): string {
  return replaceTokens(sql, (token, { comment, escaped, string, dollars, name }) => {
    if (!token.includes('}')) return token
    if (comment !== undefined) return token.replaceAll('}', ' ')
    if (escaped !== undefined) return token.replaceAll('}', '\\x7d')
    if (name !== undefined) return `U&"${name.replaceAll('\\', '\\\\').replaceAll('}', '\\007d')}"`
    return quoted(dollars ?? string?.replaceAll("''", "'") ?? token)
  })
}
