/** What a program printed as it failed, or why it could not be run. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const printed = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  return printed || error.message
}
