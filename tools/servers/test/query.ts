import { withClient } from '../src/with-client.ts'

/** The rows of one query, on a connection of its own. */
export async function query(url: string, text: string): Promise<readonly object[]> {
  const { rows } = await withClient(url, (client) => client.query<object>(text))
  return rows
}
