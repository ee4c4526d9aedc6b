import { explore } from './explore.ts'
import type { ExploreOptions } from './explore.ts'
import type { Report } from './report.ts'

/** There is a schedule in which the invariant breaks. The message is the report, with the picture and a line to paste. */
export class RaceError extends Error {
  override readonly name = 'RaceError'
  // Private, as runners print what an error has of its own, or send it to another process; and the message says all that matters.
  readonly #report: Report

  constructor(report: Report) {
    super(String(report), { cause: report.violations[0]?.error })
    this.#report = report
  }

  get report(): Report {
    return this.#report
  }
}

/**
 * For tests, whichever the runner: explores, and fails when the invariant breaks in some schedule.
 *
 * @returns the report
 * @throws `RaceError` when it does; else as `explore`
 * @example
 * ```ts
 * test('two uploads at once make one identity card', async () => {
 *   await expectNoRace({
 *     sessions: pgSessions(pg, { connectionString }),
 *     setup: () => pool.query('truncate document'),
 *     actors: { first: () => saveDocument(7, 'PAN_CARD'), second: () => saveDocument(7, 'PAN_CARD') },
 *     invariant: exactlyOneRow(() => pool.query('select * from document')),
 *   })
 * })
 * ```
 */
export async function expectNoRace(options: ExploreOptions): Promise<Report> {
  const report = await explore(options)
  if (report.violations.length > 0) throw new RaceError(report)
  return report
}
