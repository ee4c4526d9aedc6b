import { after, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { conformance } from 'onerow/conformance'
import { postgres } from 'onerow/postgres'
import { openPgliteOn } from './open-pglite.ts'

const client = await PGlite.create()

conformance({
  test,
  after,
  name: 'pglite on PGlite',
  dialect: postgres,
  where: 'memory://',
  open: openPgliteOn(client),
  cannot: {
    'several sessions': 'PGlite has one session',
    'calls that gather': 'PGlite has one session',
    'several processes': 'a database in memory is seen by its own process only',
    'lost connections': 'PGlite runs in the process itself',
    'read replicas': 'PGlite has no replicas',
    'case-insensitive collations': 'PGlite is built without ICU',
  },
})
after(() => client.close())
