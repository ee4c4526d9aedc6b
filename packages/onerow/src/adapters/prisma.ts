import type { Database, IsolationLevel, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { modelMethods } from './prisma-extension.ts'
import type { PrismaModelMethods } from './prisma-extension.ts'
import type { PrismaInternals } from './prisma-model.ts'
import { openTransaction, runWork, sessionDatabase } from './session.ts'

export type { PrismaCreate, PrismaLookup, PrismaModelMethods, PrismaUnique } from './prisma-extension.ts'
export { prismaTable } from './prisma-table.ts'
export type { PrismaDelegateLike, PrismaInsert, PrismaRow } from './prisma-table.ts'

/** The part of `PrismaClient` and of its transaction client that onerow calls; declared here so that onerow does not depend on Prisma. */
export interface PrismaLike {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>
  $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<number>
}

interface PrismaClientLike extends PrismaLike, Partial<PrismaInternals> {
  $transaction<Result>(
    work: (transaction: PrismaLike) => Promise<Result>,
    options: { readonly maxWait: number; readonly timeout: number; isolationLevel?: string },
  ): Promise<Result>
}

/** `Prisma.TransactionClient`, of whichever generated client. */
export type PrismaTransactionOf<Client> = Omit<
  Client,
  '$connect' | '$disconnect' | '$on' | '$use' | '$extends'
>

/** How to run statements by Prisma. */
export interface PrismaOptions {
  /**
   * Which server a `mysql` data source is. `'mysql'` unless told, which serves MariaDB too; `'mariadb'` saves a round trip when
   * a row is made, as only MariaDB has `INSERT … RETURNING`.
   */
  readonly server?: 'mysql' | 'mariadb'
  /** How long a transaction of onerow's own may wait for a connection, in milliseconds. Unless told, as long as the driver lets it. */
  readonly maxWait?: number
  /** How long a transaction of onerow's own may take, in milliseconds. Unless told, as long as its work takes. */
  readonly timeout?: number
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * The longest time that a timer takes. Prisma's own 2 and 5 seconds would make a call fail that merely has to queue for a pool's
 * connection, as a single statement would, or for a rival's row lock.
 */
const unlimited = 2 ** 31 - 1

/**
 * Runs onerow on a `PrismaClient`, also an extended one, or on the client of an interactive transaction.
 *
 * @throws `TypeError` when the client's data source is neither `postgresql`, `mysql` nor `sqlite`
 * @example
 * ```ts
 * import { PrismaPg } from '@prisma/adapter-pg'
 * import { getOrCreate, uniqueKey } from 'onerow'
 * import { fromPrisma, prismaTable } from 'onerow/prisma'
 * import { PrismaClient } from './generated/prisma/client.ts'
 *
 * const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: 'postgres://localhost/app' }) })
 * const byEmail = uniqueKey(prismaTable(prisma.user), ['email'], { name: 'user_account_email_key' })
 * const { row, created } = await getOrCreate(fromPrisma(prisma), byEmail, {
 *   where: { email: 'ada@example.com' },
 *   create: { name: 'Ada' },
 * })
 * ```
 */
export function fromPrisma<Client extends PrismaLike>(
  client: Client,
  options: PrismaOptions = {},
): Database<PrismaTransactionOf<Client>> {
  // A transaction's client has all of it but the rights: `$connect` and the like.
  const prisma = client as Client & PrismaClientLike
  const dialect = dialectOf(prisma._activeProvider, options.server)
  const pool = prisma._originalClient ?? prisma
  const session = (transaction: PrismaLike) => ({
    client: transaction as PrismaTransactionOf<Client>,
    dialect,
    execute: (statement: Statement) => run(transaction, statement, dialect),
    inTransaction: () => false,
  })
  if (!('$connect' in prisma)) return { ...openTransaction(session(prisma)), pool }

  const { maxWait = unlimited, timeout = unlimited } = options
  const transact = <Result>(work: (transaction: PrismaLike) => Promise<Result>, isolationLevel?: string) =>
    prisma.$transaction(work, { maxWait, timeout, ...(isolationLevel && { isolationLevel }) })
  if (dialect === dialects.sqlite)
    return {
      ...session(prisma),
      pool,
      execute(statement) {
        const work = (transaction: PrismaLike) => run(transaction, statement, dialect)
        // A read has nothing to commit that could fail.
        return transact(statement.text.startsWith('select') ? work : alone(work))
      },
      begin: (work, begin) =>
        transact(alone((one) => sessionDatabase(session(one)).begin((db) => work({ ...db, pool }), begin))),
    }
  return {
    ...session(prisma),
    pool,
    coalesce: coalescing(options.coalesce),
    begin: (work, { isolation } = {}) =>
      transact(
        (transaction) => runWork(session(transaction), (db) => work({ ...db, pool })),
        isolation && isolationLevelOf(dialect, isolation),
      ),
  }
}

/**
 * A client extension that gives every model `getOrCreate`, `updateOrCreate` and `createUnique`, by the unique fields and compounds
 * of the Prisma schema. In an interactive transaction they are part of it.
 *
 * @example
 * ```ts
 * import { PrismaPg } from '@prisma/adapter-pg'
 * import { onerow } from 'onerow/prisma'
 * import { PrismaClient } from './generated/prisma/client.ts'
 *
 * const adapter = new PrismaPg({ connectionString: 'postgres://localhost/app' })
 * const prisma = new PrismaClient({ adapter }).$extends(onerow())
 * const { row, created } = await prisma.user.getOrCreate({
 *   where: { email: 'ada@example.com' },
 *   create: { name: 'Ada' },
 * })
 * ```
 */
export function onerow(options?: PrismaOptions): {
  readonly name: 'onerow'
  readonly model: { readonly $allModels: PrismaModelMethods }
} {
  // The client of a Prisma model is one.
  return {
    name: 'onerow',
    model: { $allModels: modelMethods((client) => fromPrisma(client as PrismaLike, options)) },
  }
}

/**
 * On SQLite Prisma has one connection for all. What is sent while a transaction is open on it, by whomever, runs inside of that
 * transaction and is lost with it. But transactions wait for each other, so one of Prisma's own is opened for the waiting, and
 * ended: it is deferred, and when its COMMIT fails the driver adapter never rolls back, and blocks every later one.
 */
function alone<Result>(work: (transaction: PrismaLike) => Promise<Result>) {
  return async (transaction: PrismaLike): Promise<Result> => {
    await transaction.$executeRawUnsafe('rollback')
    try {
      return await work(transaction)
    } finally {
      // For Prisma to end.
      await transaction.$executeRawUnsafe('begin')
    }
  }
}

async function run(
  client: PrismaLike,
  { text, values, counts }: Statement,
  dialect: Dialect,
): Promise<readonly StoredRow[]> {
  const args = dialect === dialects.sqlite ? unnumbered(text, values) : ([text, ...values] as const)
  if (counts === true) return [{ affectedRows: await client.$executeRawUnsafe(...args) }]
  // Prisma gives an array of rows for whichever statement.
  return (await client.$queryRawUnsafe(...args)) as readonly StoredRow[]
}

/** better-sqlite3 takes `?1` for a name, and Prisma gives it values by position only. */
function unnumbered(text: string, values: readonly unknown[]): readonly [string, ...unknown[]] {
  const used: unknown[] = []
  const unnumberedText = text.replaceAll(/'[^']*'|"[^"]*"|\?(\d+)/g, (piece, number?: string) => {
    if (number === undefined) return piece
    used.push(values[Number(number) - 1])
    return '?'
  })
  return [unnumberedText, ...used]
}

/** `ReadCommitted` and so on. */
function isolationLevelOf(dialect: Dialect, isolation: IsolationLevel): string {
  dialect.begin(isolation) // Refuses a level that it does not know.
  return isolation.replaceAll(/(?:^| )\w/g, (start) => start.trim().toUpperCase())
}

const dialects = {
  postgresql: readingPrismaErrors(postgres),
  sqlite: readingPrismaErrors(sqlite),
  mysql: readingPrismaErrors(mysql),
  mariadb: readingPrismaErrors(mariadb),
}

function dialectOf(provider: string | undefined, server: PrismaOptions['server'] = 'mysql'): Dialect {
  if (provider === 'postgresql' || provider === 'sqlite') return dialects[provider]
  if (provider === 'mysql') return dialects[server]
  throw new TypeError(
    `onerow/prisma runs on data sources of postgresql, mysql and sqlite; this client's is ${provider}.`,
  )
}

/** The dialect, for errors that Prisma has wrapped. */
function readingPrismaErrors(dialect: Dialect): Dialect {
  return {
    ...dialect,
    classify: (error) => dialect.classify(driverError(error)),
    async inspect(db, key, options) {
      const wrapped = new Map<unknown, unknown>()
      const execute = async (statement: Statement) => {
        try {
          return await db.execute(statement)
        } catch (error) {
          const unwrapped = driverError(error)
          wrapped.set(unwrapped, error)
          throw unwrapped
        }
      }
      try {
        return await dialect.inspect({ execute }, key, options)
      } catch (error) {
        throw wrapped.get(error) ?? error
      }
    },
  }
}

/** What a driver adapter keeps of its driver's error (`MappedError` of @prisma/driver-adapter-utils). */
interface MappedError {
  readonly originalCode?: string
  readonly originalMessage?: string
  readonly constraint?: { readonly index?: string }
}

/** The driver's error, from Prisma's: it is in the `meta` of a statement's, and the `cause` of one that a COMMIT raised. */
function driverError(error: unknown): unknown {
  // Nothing but read, and whatever is not there is undefined.
  const thrown = error as {
    meta?: { driverAdapterError?: { cause?: MappedError } }
    cause?: MappedError
  } | null
  const cause = thrown?.meta?.driverAdapterError?.cause ?? thrown?.cause
  if (cause?.originalCode === undefined) return error
  const { originalCode: code, originalMessage: message, constraint } = cause
  return Object.assign(new Error(message), {
    code,
    errno: Number(code),
    constraint: constraint?.index,
    // Prisma drops the name of PostgreSQL's routine, by which a constraint that cannot be a conflict target is known.
    routine: message?.includes('as arbiters') === true ? 'ExecCheckIndexConstraints' : undefined,
  })
}
