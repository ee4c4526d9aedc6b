import type { IsolationLevel, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'

/** The part of TypeORM's `QueryRunner` that onerow calls; declared here so that onerow does not depend on TypeORM. */
export interface TypeOrmRunnerLike {
  readonly manager: unknown
  readonly isTransactionActive: boolean
  connect(): Promise<unknown>
  query(text: string, values: unknown[], structured: true): Promise<StructuredResult>
  startTransaction(isolation?: Uppercase<IsolationLevel>): Promise<void>
  commitTransaction(): Promise<void>
  rollbackTransaction(): Promise<void>
  release(): Promise<void>
}

interface StructuredResult {
  readonly records: readonly StoredRow[]
  readonly affected?: number
}

/** How statements and transactions go through TypeORM to one kind of database. */
export interface TypeOrmEngine {
  readonly dialect: Dialect
  readonly run: (runner: TypeOrmRunnerLike, statement: Statement) => Promise<readonly StoredRow[]>
  readonly start: (runner: TypeOrmRunnerLike, isolation: IsolationLevel | undefined) => Promise<void>
}

type Way = Omit<TypeOrmEngine, 'dialect'>

const start: Way['start'] = async (runner, isolation) => {
  try {
    // The upper case of each level is a level of TypeORM's.
    await runner.startTransaction(isolation?.toUpperCase() as Uppercase<IsolationLevel> | undefined)
  } catch (error) {
    // What follows BEGIN there, such as a subscriber's `afterTransactionStart`, can fail as well.
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}

const onPostgres: Way = {
  start,
  run: async (runner, { text, values }) => (await runner.query(text, [...values], true)).records,
}

const onMysql: Way = {
  start,
  async run(runner, { text, values, counts = false }) {
    const sender = values.length === 0 ? runner : await binding(runner)
    const { records, affected } = await sender.query(text, [...values], true)
    return counts ? [{ affectedRows: affected }] : records
  },
}

const onSqlite: Way = {
  async run(runner, { text, values }) {
    // To better-sqlite3, ?1 is a parameter with the name 1.
    const named = Object.fromEntries(values.map((value, index) => [index + 1, value]))
    // The runner keeps its statements, and an EXPLAIN that is kept goes on telling what it told at first.
    if (text.startsWith('explain'))
      return (await connectionOf<BetterSqlite3>(runner)).prepare(text).all(named)
    return (await runner.query(text, [named], true)).records
  },
  async start(runner, isolation) {
    const [immediate] = sqlite.begin(isolation)
    const query = (text: string, ...rest: [unknown[], true]) =>
      // TypeORM's is deferred: once it has read, it fails to write when another connection has written meanwhile.
      runner.query(text === 'BEGIN TRANSACTION' && immediate ? immediate.text : text, ...rest)
    try {
      await new Proxy(runner, {
        get: (target, name): unknown => (name === 'query' ? query : Reflect.get(target, name)),
      }).startTransaction()
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined)
      // TypeORM has said so before it asked the database, and would go on saying so on this runner, which all share.
      Object.assign(runner, { isTransactionActive: false })
      throw error
    }
  },
}

/** By the type of the data source. */
const engines: Readonly<Record<string, TypeOrmEngine>> = {
  postgres: { ...onPostgres, dialect: postgres },
  'better-sqlite3': { ...onSqlite, dialect: sqlite },
  mariadb: { ...onMysql, dialect: mariadb },
  mysql: { ...onMysql, dialect: mysql },
}

/** @throws `TypeError` for a type of data source that onerow does not know */
export function typeOrmEngine(type: string): TypeOrmEngine {
  const known = engines[type]
  if (!known)
    throw new TypeError(
      `onerow/typeorm does not know data sources of type "${type}", only ${Object.keys(engines).join(', ')}.`,
    )
  return known
}

/** Each engine here has one driver of TypeORM's, and each driver one kind of connection. */
async function connectionOf<Connection>(runner: TypeOrmRunnerLike): Promise<Connection> {
  return (await runner.connect()) as Connection
}

interface BetterSqlite3 {
  prepare(text: string): { all(named: object): readonly StoredRow[] }
}

interface Mysql2 {
  execute(...query: readonly unknown[]): unknown
}

/**
 * The runner, but for one thing: it sends values apart from the SQL. TypeORM hands them to mysql2's `query`, which writes them
 * into the SQL with backslashes, and so lets them out of their quotes where the server has NO_BACKSLASH_ESCAPES.
 */
async function binding(runner: TypeOrmRunnerLike): Promise<TypeOrmRunnerLike> {
  const connection = await connectionOf<Mysql2>(runner)
  const query = (...args: readonly unknown[]) => connection.execute(...args)
  const binds: unknown = Object.create(connection, { query: { value: query } })
  const derived: TypeOrmRunnerLike = Object.create(runner, { connect: { value: async () => binds } })
  return derived
}
