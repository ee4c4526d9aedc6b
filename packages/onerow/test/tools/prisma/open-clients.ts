import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient as MysqlClient } from './generated/prisma-mysql/client.ts'
import { PrismaClient as SqliteClient } from './generated/prisma-sqlite/client.ts'
import { PrismaClient } from './generated/prisma/client.ts'

export type { MysqlClient, PrismaClient, SqliteClient }

export function openPostgresql(connectionString: string, max = 10): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString, max }) })
}

export function openMysql(url: string, connectionLimit = 10): MysqlClient {
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const server = { host, port: Number(port), user, password, database: pathname.slice(1) }
  return new MysqlClient({
    adapter: new PrismaMariaDb({ ...server, connectionLimit, acquireTimeout: 20_000 }),
  })
}

export function openSqlite(file: string): SqliteClient {
  return new SqliteClient({ adapter: new PrismaBetterSqlite3({ url: file, timeout: 10_000 }) })
}

/** Runs statements one after another, as a migration does. */
export async function migrate(
  client: { $executeRawUnsafe(text: string): PromiseLike<unknown> },
  statements: readonly string[],
): Promise<void> {
  for (const statement of statements) await client.$executeRawUnsafe(statement)
}
