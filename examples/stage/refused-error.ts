/** The story's own code has no row to give, and says why in a few words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}
