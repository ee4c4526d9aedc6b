import { z } from 'zod'

/** What the environment says of how to run. */
export interface Settings {
  readonly host: string
  /** Undefined: 3000, or a free one if that is taken. */
  readonly port: number | undefined
  /** Whether HOST was left alone, so that only this machine can reach the service. */
  readonly loopbackOnly: boolean
  /** The folder of the embedded database, when it is not to be the usual one. */
  readonly dataDirectory: string | undefined
}

// A variable that is set to nothing counts as not set.
const optional = z
  .string()
  .optional()
  .transform((value) => value || undefined)

const environment = z.object({
  HOST: optional,
  PORT: optional.refine(
    (value) => value === undefined || (/^\d{1,5}$/.test(value) && Number(value) <= 65_535),
    {
      error: ({ input }) =>
        `PORT is "${String(input)}". Give a whole number from 0 to 65535 (0: any free port), or unset it.`,
    },
  ),
  ONEROW_DATA: optional,
})

/** @throws Error that says which variable is wrong, and what it may be */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const { data, error } = environment.safeParse(env)
  if (!data) throw new Error(error.issues.map(({ message }) => message).join('\n'))
  return {
    host: data.HOST ?? '127.0.0.1',
    port: data.PORT === undefined ? undefined : Number(data.PORT),
    loopbackOnly: data.HOST === undefined,
    dataDirectory: data.ONEROW_DATA,
  }
}
