import type { Queryable, Row } from './get.ts'

/** Runs one `INSERT … RETURNING` and gives the new row. */
export async function insert(client: Queryable, text: string, values: readonly unknown[]): Promise<Row> {
  const { rows } = await client.query(text, [...values])
  const [row] = rows
  if (!row) throw new Error(`This statement gave no row: ${text}`)
  return row
}
