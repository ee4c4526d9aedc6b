/** The row of the contest: PostgreSQL table `account`, columns `id` (serial), `email` and `name` (both text, not null). */
export interface Account {
  readonly id: number
  readonly email: string
  readonly name: string
}

/** "Give me the account with this e-mail address; create it if there is none." */
export type Ask = (email: string) => Promise<Answer>

export interface Answer {
  readonly row: Account
  /** Whether this call made it; undefined where the tool does not tell. */
  readonly created: boolean | undefined
}

/** A data tool with a pool on the contest's database. */
export interface OpenDataTool {
  /** By onerow, through the tool. */
  readonly onerow: Ask
  /** The tool's own call or calls for it, as its documents show them, by their names in the table. */
  readonly own: Readonly<Record<string, Ask>>
  readonly close: () => Promise<void>
}

/** What one data tool brings to the contest. */
export interface DataTool {
  /** With its version: `Kysely 0.29.9`. */
  readonly name: string
  /**
   * @param connections how many the pool may hold at most. A caller who gets none for 5 seconds is to be refused by the tool,
   *   where it can be told so
   */
  readonly open: (url: string, connections: number) => Promise<OpenDataTool>
}
