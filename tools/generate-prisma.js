// Generates the Prisma clients of the tests and examples where one is missing, or older than its schema or its Prisma.
// Plain JavaScript for Node 20, as setup.js.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)

/** Where each schema's `output` is, from the schema. */
const outputs = {
  'packages/onerow/test/tools/prisma/postgresql.prisma': 'generated/prisma/',
  'packages/onerow/test/tools/prisma/mysql.prisma': 'generated/prisma-mysql/',
  'packages/onerow/test/tools/prisma/sqlite.prisma': 'generated/prisma-sqlite/',
  'examples/data-tools/prisma/schema.prisma': 'generated/',
  'benchmarks/prisma/schema.prisma': 'generated/',
}

/** @param {URL} file */
const changed = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

const bin = new URL('node_modules/.bin/', root)

for (const [schema, output] of Object.entries(outputs)) {
  const file = new URL(schema, root)
  const made = changed(new URL(`${output}client.ts`, file))
  if (made > changed(file) && made > changed(new URL('node_modules/.installed-lock', root))) continue
  const { status, stdout, stderr } = spawnSync('prisma', ['generate', '--schema', fileURLToPath(file)], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      // The packaged Node is there, too.
      PATH: `${fileURLToPath(bin)}${delimiter}${process.env.PATH}`,
      // `generate` does not run the schema engine, but would download it if none were named.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error(`prisma generate --schema ${schema} failed:\n${stdout}${stderr}`)
    process.exit(status ?? 1)
  }
}
