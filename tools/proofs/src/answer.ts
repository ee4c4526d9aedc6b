import { isOnerowError } from 'onerow'

/** What a caller was told who was told no error. */
export interface Answer {
  readonly word: 'created' | 'found' | 'updated' | 'unchanged'
  readonly id: number
  /** What it was told to be stored. */
  readonly visits: number
}

/** What code by hand says when the row exists. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** An error under the name that the document has for it, which is what the explorer counts by. */
class ToldError extends Error {
  override readonly name = 'ToldError'
  /** Not as its cause: the explorer counts by the code of what is behind an error, and onerow's kind says more. */
  readonly said: unknown

  constructor(said: unknown) {
    super(kindOf(said))
    this.said = said
  }
}

/** The same answer; or the same error, named. */
export async function told(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    throw new ToldError(error)
  }
}

/** The kind of onerow's errors, and the code that an engine's manual lists for its own: 23505, 1062. */
function kindOf(error: unknown): string {
  if (isOnerowError(error)) return error.kind
  if (error instanceof RefusedError) return error.message
  if (error instanceof Error) {
    if ('errno' in error && typeof error.errno === 'number') return String(error.errno)
    if ('code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))) return String(error.code)
  }
  return String(error)
}
