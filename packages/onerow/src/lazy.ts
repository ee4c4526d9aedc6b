import { isValues, notValues } from './check-call.ts'

/** Whether values hold anything that must be called to be known. */
export function isLazy(values: unknown): boolean {
  if (typeof values === 'function') return true
  if (typeof values !== 'object' || values === null) return false
  for (const name in values)
    if (Object.hasOwn(values, name) && typeof Reflect.get(values, name) === 'function') return true
  return false
}

/** Calls what must be called, at most once: first the whole, then each value, in order. What is undefined is left out. */
export function evaluated(values: unknown, name: 'create' | 'update'): () => Promise<object> {
  let result: Promise<object> | undefined
  return () => (result ??= evaluate(values ?? {}, name))
}

async function evaluate(values: unknown, name: string): Promise<object> {
  const whole: unknown = typeof values === 'function' ? await values() : values
  if (!isValues(whole)) throw notValues(name, whole)
  const entries: [string, unknown][] = []
  for (const [property, lazy] of Object.entries(whole)) {
    const value: unknown = typeof lazy === 'function' ? await lazy() : lazy
    if (value !== undefined) entries.push([property, value])
  }
  return Object.fromEntries(entries)
}
