/** The command cannot do what it is told; the message says what to tell it instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
