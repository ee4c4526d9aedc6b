import type { Failure } from './dialect.ts'

/**
 * A statement of onerow's own failed. Keeps such errors apart from those that the caller's functions throw, which no
 * verb may interpret. Never leaves the library.
 */
export class StatementFailure extends Error {
  override readonly name = 'StatementFailure'
  readonly failure: Failure

  constructor(failure: Failure, cause: unknown) {
    super('A statement failed.', { cause })
    this.failure = failure
  }
}
