import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { conformance } from 'onerow/conformance'
import { postgres } from 'onerow/postgres'
import { openLossyPostgres } from './open-lossy-postgres.ts'
import { openPostgresJs } from './open-postgres-js.ts'

const versions = [18, 15] as const
// All at once: tests that are registered after others have run find the runner closing.
const databases = await Promise.all(
  versions.map((version) => testDatabase({ version, name: 'conformance_postgres_js' })),
)

for (const [index, version] of versions.entries()) {
  const name = `postgres-js on PostgreSQL ${version}`
  const database = databases[index]
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
