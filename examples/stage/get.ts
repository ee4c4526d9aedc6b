/** The part of a `pg` pool or client that the stories call. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Row[] }>
}

/** A row of any of the stories' tables. */
export interface Row {
  readonly id: number
}

/** A lookup that is believed to name one row. */
export interface Lookup {
  /** What the rows are called in messages: `Race`. */
  readonly model: string
  readonly select: string
  readonly where: readonly unknown[]
}

/** What was called "the row" is several. */
export class MoreThanOneRowError extends Error {
  override readonly name = 'MoreThanOneRowError'

  constructor(model: string, count: number) {
    super(`get() returned more than one ${model} -- it returned ${count}!`)
  }
}

/** The row, or undefined when there is none. Like every `get`, it has no answer when there are two. */
export async function get(client: Queryable, { model, select, where }: Lookup): Promise<Row | undefined> {
  const { rows } = await client.query(select, [...where])
  if (rows.length > 1) throw new MoreThanOneRowError(model, rows.length)
  return rows[0]
}
