import { onEveryEngine } from './on-every-engine.ts'
import { openPrismaMariadb, openPrismaPg, openPrismaSqlite } from './open-prisma.ts'

await onEveryEngine({
  module: import.meta.resolve('./open-prisma.ts'),
  pairs: [
    { name: 'prisma on PostgreSQL', engine: 'postgres', open: openPrismaPg },
    { name: 'prisma on SQLite', engine: 'sqlite', open: openPrismaSqlite },
    { name: 'prisma on MariaDB', engine: 'mariadb', open: openPrismaMariadb },
  ],
  spelled: { begin: 'BEGIN', 'start transaction': 'BEGIN', commit: 'COMMIT' },
  cannot: { 'read replicas': "a driver adapter of Prisma's knows one server" },
})
