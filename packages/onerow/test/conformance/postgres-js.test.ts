import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { conformance } from 'onerow/conformance'
import { postgres } from 'onerow/postgres'
import { openLossyPostgres } from './open-lossy-postgres.ts'
import { openPostgresJs } from './open-postgres-js.ts'

for (const version of [18, 15] as const) {
  const name = `postgres-js on PostgreSQL ${version}`
  const database = await testDatabase({ version, name: 'conformance_postgres_js' })
  if (!database) {
    test(name, { skip: `PostgreSQL ${version} is not installed` })
    continue
  }
  conformance({
    test,
    after,
    name,
    dialect: postgres,
    where: database.url,
    open: openPostgresJs,
    worker: { module: import.meta.resolve('./open-postgres-js.ts'), export: 'openPostgresJs' },
    openLossy: openLossyPostgres,
    cannot: { 'read replicas': 'postgres.js knows one server' },
  })
  after(() => database.drop())
}
