import type { Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { queryOf, sessionOn, unwrapped } from './drizzle-session.ts'
import type { Drizzle, DrizzleDriver } from './drizzle-session.ts'
import { mysqlDatabase } from './mysql-database.ts'

type TypeCast = (field: { readonly type: string; readonly length: number }, next: () => unknown) => unknown

interface Mysql2Query {
  readonly typeCast: TypeCast
}

interface Mysql2Like {
  query(query: Mysql2Query): unknown
  execute(query: Mysql2Query, values: readonly unknown[]): unknown
}

export function mysql2Driver(db: Drizzle, dialect: Dialect): DrizzleDriver {
  const { client } = db.session
  if ('getConnection' in client) return { dialect, execute }
  const run = (_: object, statement: Statement) => unwrapped(execute(db, statement))
  return { dialect, execute, inTransaction: () => mysqlDatabase(client, { dialect, run }).inTransaction() }
}

/**
 * Drizzle sends everything by mysql2's `query`, which writes the values into the SQL, and wrongly under NO_BACKSLASH_ESCAPES.
 * So its session gets a client here that has them bound.
 */
async function execute({ session }: Drizzle, statement: Statement): Promise<readonly StoredRow[]> {
  // The session is that of drizzle-orm/mysql2.
  const client = session.client as Mysql2Like
  const query = (text: Mysql2Query, values: readonly unknown[]) =>
    // Not every statement can be prepared.
    values.length === 0 ? client.query(text) : client.execute(asInText(text), values)
  const [rows] = await sessionOn(session, { client: { query } }).execute(queryOf(statement))
  // A statement without rows answers an object with `affectedRows`, which stands for one.
  return (Array.isArray(rows) ? rows : [rows]) as readonly StoredRow[]
}

/** The answer to a prepared statement is binary; Drizzle reads text, where some values look otherwise. */
function asInText({ typeCast, ...query }: Mysql2Query): Mysql2Query {
  return {
    ...query,
    typeCast: (field, next) => {
      const value = typeCast(field, next)
      const unit = lengths[field.type]
      return unit === undefined || typeof value !== 'string'
        ? value
        : withFraction(value, field.length - unit)
    },
  }
}

/** How long a value is with the point before the fraction of a second; the rest of the field is digits. */
const lengths: Readonly<Record<string, number>> = { DATETIME: 20, TIMESTAMP: 20, TIME: 11 }

function withFraction(time: string, digits: number): string {
  const [seconds = '', fraction = ''] = time.split('.')
  return digits > 0 ? `${seconds}.${fraction.padEnd(digits, '0')}` : time
}
