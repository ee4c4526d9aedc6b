import { createConnection, type Connection } from 'mariadb'

/** Where a MariaDB is, in the form that its driver takes. */
export interface MariadbAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Runs `work` on a connection of its own, which is closed at the end. */
export async function withMariadbConnection<T>(
  { host, port, user, password }: MariadbAddress,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await createConnection({ host, port, user, password, connectTimeout: 10_000 })
  // A lost connection already fails the query at hand; without a listener, the event would end the process.
  connection.on('error', () => {})
  try {
    return await work(connection)
  } finally {
    await connection.end()
  }
}
