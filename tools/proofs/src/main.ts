import { writeFileSync } from 'node:fs'
import { hasMariadb } from '@onerow/servers'
import { brokenPromises } from './broken-promises.ts'
import { cellName } from './cell.ts'
import { documentOf } from './document.ts'
import { onProgress } from './progress.ts'
import { replayCell } from './replay-cell.ts'
import { runProofs } from './run-proofs.ts'
import { sumOf } from './text.ts'

const [wanted, schedule] = process.argv.slice(2)
if (wanted !== undefined && schedule !== undefined) {
  console.log(await replayCell(wanted, schedule))
} else {
  if (!hasMariadb()) {
    console.error(
      'MariaDB is not installed, and docs/proofs.md is not written without it: ' +
        'apt-get install -y --no-install-recommends mariadb-server',
    )
    process.exit(1)
  }
  const runs = await runProofs((cell) => cellName(cell).includes(wanted ?? ''), onProgress(console.log))
  const broken = brokenPromises(runs)
  if (broken.length > 0) {
    console.error(`onerow has not kept its promise:\n\n${broken.join('\n\n')}`)
    process.exitCode = 1
  } else if (wanted === undefined) {
    writeFileSync(new URL('../../../docs/proofs.md', import.meta.url), documentOf(runs))
    const counts = runs.map(
      ({ engine, results }) => `${sumOf(results, ({ report }) => report.schedules)} on ${engine}`,
    )
    console.log(`docs/proofs.md is written. Schedules: ${counts.join(', ')}.`)
  }
}
