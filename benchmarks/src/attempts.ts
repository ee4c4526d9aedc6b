import { inspect } from 'node:util'

export interface Attempts {
  /** Measures; undefined, with a note among the failures, where that fails. The others go on. */
  readonly attempt: <Result>(what: string, measure: () => Promise<Result>) => Promise<Result | undefined>
  /** What failed, and why. */
  readonly failures: readonly string[]
}

export function attempts(progress: (line: string) => void): Attempts {
  const failures: string[] = []
  return {
    failures,
    async attempt(what, measure) {
      try {
        return await measure()
      } catch (error) {
        progress(`${what}: ${inspect(error)}`)
        const [reason] = (error instanceof Error ? error.message : inspect(error)).split('\n')
        failures.push(`${what}: ${reason}`)
        return undefined
      }
    },
  }
}
