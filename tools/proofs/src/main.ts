import { writeFileSync } from 'node:fs'
import { hasMariadb } from '@onerow/servers'
import { brokenPromises, unseenRaces } from './broken-promises.ts'
import { cellName } from './cell.ts'
import { documentOf } from './document.ts'
import { Progress } from './progress.ts'
import { replayCell } from './replay-cell.ts'
import { runProofs } from './run-proofs.ts'
import type { EngineRun } from './run-proofs.ts'
import { summaryTable } from './tables.ts'

const [wanted, schedule] = process.argv.slice(2)
if (wanted !== undefined && schedule !== undefined) console.log(await replayCell(wanted, schedule))
else await prove(wanted)

/** @param wanted a part of the names of those cells that are to be run; unless told, all are, and the document is written */
async function prove(wanted = ''): Promise<void> {
  if (!hasMariadb() && wanted === '') {
    fail(
      'MariaDB is not installed, and docs/proofs.md is not written without it: ' +
        'apt-get install -y --no-install-recommends mariadb-server',
    )
    return
  }
  const runs = await run(wanted)
  const results = runs.flatMap((each) => each.results)
  if (results.length === 0) {
    fail(`No cell has "${wanted}" in its name, as "PostgreSQL 18 / serializable / getOrCreate" has.`)
    return
  }
  for (const each of runs) console.log(`\n${each.engine}\n${summaryTable(each.results)}`)
  const broken = [...brokenPromises(results), ...(wanted === '' ? unseenRaces(results) : [])]
  if (broken.length > 0) fail(`onerow has not kept its promise:\n\n${broken.join('\n\n')}`)
  else if (wanted === '') {
    writeFileSync(new URL('../../../docs/proofs.md', import.meta.url), documentOf(runs))
    console.log('\ndocs/proofs.md is written.')
  }
}

async function run(wanted: string): Promise<readonly EngineRun[]> {
  using progress = new Progress(console.log)
  return await runProofs((cell) => cellName(cell).includes(wanted), progress.add)
}

function fail(reason: string): void {
  console.error(reason)
  process.exitCode = 1
}
