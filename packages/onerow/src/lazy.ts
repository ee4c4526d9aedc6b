/** Whether values hold anything that must be called to be known. */
export function isLazy(values: unknown): boolean {
  if (typeof values === 'function') return true
  return (
    typeof values === 'object' &&
    values !== null &&
    Object.values(values).some((value) => typeof value === 'function')
  )
}

/** Calls what must be called, at most once: first the whole, then each value, in order. */
export function evaluated(values: unknown): () => Promise<object> {
  let result: Promise<object> | undefined
  return () => (result ??= evaluate(values))
}

async function evaluate(values: unknown): Promise<object> {
  const whole: unknown = typeof values === 'function' ? await values() : values
  if (whole === undefined || whole === null) return {}
  if (typeof whole !== 'object')
    throw new TypeError(
      `Expected an object of values by property, or a function that gives one; got ${typeof whole}.`,
    )
  const plain: Record<string, unknown> = {}
  for (const [property, value] of Object.entries(whole))
    plain[property] = typeof value === 'function' ? await value() : value
  return plain
}
