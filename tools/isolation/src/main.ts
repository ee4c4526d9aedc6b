import { writeFileSync } from 'node:fs'
import { hasMariadb } from '@onerow/servers'
import { brokenPromises } from './broken-promises.ts'
import { documentOf } from './document.ts'
import { runIsolation } from './run-isolation.ts'

if (!hasMariadb()) {
  console.error(
    'MariaDB is not installed, and docs/isolation.md is not written without it: ' +
      'apt-get install -y --no-install-recommends mariadb-server',
  )
  process.exit(1)
}
const runs = await runIsolation()
const broken = runs.flatMap(brokenPromises)
if (broken.length > 0) throw new Error(`onerow has not kept its promise:\n${broken.join('\n')}`)
writeFileSync(new URL('../../../docs/isolation.md', import.meta.url), documentOf(runs))
const races = runs.map(({ engine, cells, naive }) => `${cells.length + naive.length} on ${engine.name}`)
console.log(`docs/isolation.md is written. Races: ${races.join(', ')}.`)
