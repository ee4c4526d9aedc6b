/** The result of a race. Its error names it; and it ends with one when it takes longer than that, as nothing may hang. */
export async function within<Result>(seconds: number, race: string, work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`it has not ended after ${seconds} seconds`))
  }, seconds * 1000)
  try {
    return await Promise.race([work, late])
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${race}: ${message}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
