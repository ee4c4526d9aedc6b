/** What a caller was told of a row who was told no error. */
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
