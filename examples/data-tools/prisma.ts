import { PrismaPg } from '@prisma/adapter-pg'
import { onerow } from 'onerow/prisma'
import type { DataTool } from './data-tool.ts'
import { Prisma, PrismaClient } from './prisma/generated/client.ts'

const name = 'Ada'

export const prismaTool: DataTool = {
  name: 'Prisma 7.10.0',
  async open(connectionString, max) {
    // Prisma names the schema in each statement, and knows of no search path.
    const schema = /search_path=(\w+)/.exec(decodeURIComponent(connectionString))?.[1] ?? 'public'
    const adapter = new PrismaPg({ connectionString, max, connectionTimeoutMillis: 5000 }, { schema })
    const prisma = new PrismaClient({ adapter })
    const extended = prisma.$extends(onerow())
    const { account } = prisma
    return {
      onerow: (email) => extended.account.getOrCreate({ where: { email }, create: { name } }),
      own: {
        'findUnique, then create': async (email) => {
          const row = await account.findUnique({ where: { email } })
          return row
            ? { row, created: false }
            : { row: await account.create({ data: { email, name } }), created: true }
        },
        // With nothing to update, Prisma sends a SELECT and then an INSERT.
        'upsert with an empty update': async (email) => ({
          row: await account.upsert({ where: { email }, update: {}, create: { email, name } }),
          created: undefined,
        }),
        // This is INSERT … ON CONFLICT DO UPDATE: it writes the row anew at each call.
        'upsert that sets a value': async (email) => ({
          row: await account.upsert({ where: { email }, update: { name }, create: { email, name } }),
          created: undefined,
        }),
        'create, on P2002 findUnique': async (email) => {
          try {
            return { row: await account.create({ data: { email, name } }), created: true }
          } catch (error) {
            if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002')
              throw error
            return { row: await account.findUniqueOrThrow({ where: { email } }), created: false }
          }
        },
      },
      close: () => prisma.$disconnect(),
    }
  },
}
