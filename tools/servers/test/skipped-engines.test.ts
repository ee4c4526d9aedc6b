import assert from 'node:assert/strict'
import { test } from 'node:test'

import { skippedEngines } from '../src/skipped-engines.ts'

const all = { postgres15: true, pgbouncer: true, mariadb: true, galera: true }

test('says which engines are skipped, and the command that adds them', () => {
  assert.equal(skippedEngines(all), undefined)
  assert.equal(
    skippedEngines({ ...all, mariadb: false, galera: false }),
    `Not installed, so its tests are skipped: MariaDB, MariaDB Galera. On Debian and Ubuntu, this adds it:
  apt-get install -y --no-install-recommends mariadb-server galera-4 rsync socat lsof iproute2`,
  )
  assert.equal(
    skippedEngines({ ...all, postgres15: false }),
    `Not installed, so its tests are skipped: PostgreSQL 15. On Debian and Ubuntu, this adds it:
  apt-get install -y --no-install-recommends postgresql-15`,
  )
  assert.equal(
    skippedEngines({ ...all, pgbouncer: false }),
    `Not installed, so its tests are skipped: PgBouncer. On Debian and Ubuntu, this adds it:
  apt-get install -y --no-install-recommends pgbouncer`,
  )
})
