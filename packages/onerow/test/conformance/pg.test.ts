import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { conformance } from 'onerow/conformance'
import { postgres } from 'onerow/postgres'
import { openLossyPostgres } from './open-lossy-postgres.ts'
import { openPg, openPgPlainly } from './open-pg.ts'

const versions = [18, 15] as const
// All at once: tests that are registered after others have run find the runner closing.
const databases = await Promise.all(
  versions.map((version) => testDatabase({ version, name: 'conformance_pg' })),
)

for (const [index, version] of versions.entries()) {
  const name = `pg on PostgreSQL ${version}`
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
    open: openPg,
    worker: { module: import.meta.resolve('./open-pg.ts'), export: 'openPg' },
    openLossy: openLossyPostgres,
    cannot: { 'read replicas': 'pg knows one server' },
  })
  if (version === 18)
    conformance({
      test,
      after,
      name: `pg without coalescing or prepared statements on PostgreSQL ${version}`,
      dialect: postgres,
      where: database.url,
      load: 'light',
      open: openPgPlainly,
      worker: { module: import.meta.resolve('./open-pg.ts'), export: 'openPgPlainly' },
      openLossy: openLossyPostgres,
      cannot: { 'read replicas': 'pg knows one server', 'calls that gather': 'they are told not to' },
    })
  after(() => database.drop())
}
