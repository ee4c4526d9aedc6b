import { readFileSync, statSync } from 'node:fs'

/** The account that a database server runs as, in the form that `child_process.spawn` takes. */
export interface ServerAccount {
  readonly uid: number
  readonly gid: number
}

/**
 * The account for a server whose data lie in `dataDirectory`, or undefined when it is simply ours.
 * PostgreSQL refuses to run as root, so root hands it to the owner of the data, else to `postgres`, else to
 * `nobody`.
 */
export function serverAccount(dataDirectory?: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = dataDirectory && statSync(dataDirectory, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const account = firstAccount('postgres', 'nobody')
  if (account) return account
  throw new Error(
    'PostgreSQL refuses to run as root, and /etc/passwd has neither a user "postgres" nor "nobody" to run it ' +
      'as. Start this program as an ordinary user, or set DATABASE_URL to a server that runs already.',
  )
}

/** The account for a temporary MariaDB, which refuses to run as root as well; undefined when it is simply ours. */
export function mariadbAccount(): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined
  const account = firstAccount('mysql', 'nobody')
  if (account) return account
  throw new Error(
    'MariaDB refuses to run as root, and /etc/passwd has neither a user "mysql" nor "nobody" to run it as. ' +
      'Start this program as an ordinary user.',
  )
}

/** The account's name for a message, or its number when /etc/passwd has none. */
export function accountName(uid: number): string {
  const name = passwordEntries().find((fields) => Number(fields[2]) === uid)?.[0]
  return name === undefined ? `uid ${uid}` : `"${name}"`
}

function firstAccount(...names: readonly string[]): ServerAccount | undefined {
  const entries = passwordEntries()
  const fields = names.map((name) => entries.find(([first]) => first === name)).find(Boolean)
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) }
}

function passwordEntries(): readonly (readonly string[])[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
}
