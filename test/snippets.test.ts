import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'

// Everything that the documents and the doc comments show as TypeScript compiles, and the first use runs as it stands.

const root = new URL('../', import.meta.url)
const scratch = new URL(`.snippets-${process.pid}/`, root)
mkdirSync(scratch)
after(() => rmSync(scratch, { recursive: true }))

const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')

function snippets(text: string): readonly string[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '')
}

/** The programs in a document. Those of docs/race.md go on where the one before has ended. */
function wholes(file: string): readonly string[] {
  const texts = snippets(read(file))
  return file === 'docs/race.md' ? [texts.join('\n')] : texts
}

/** A doc comment's text, without the stars at the start of its lines. */
function docComments(source: string): string {
  return [...source.matchAll(/\/\*\*.*?\*\//gs)].map(([text]) => text.replaceAll(/^ *\* ?/gm, '')).join('\n')
}

/** What a short example takes for granted. */
const prelude = `
import { after, test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { createPool as createMariadbPool } from 'mariadb'
import { createPool as createMysqlPool } from 'mysql2/promise'
import postgresJs from 'postgres'
import { createUnique, expression, getOrCreate, getOrCreateMany, isOnerowError, keySql, lower, table, transaction, uniqueKey, updateOrCreate, updateOrCreateMany, verifyKeys } from 'onerow'
import { postgres } from 'onerow/postgres'
import { sqlite } from 'onerow/sqlite'
import { conformance } from 'onerow/conformance'
import { openNodeSqlite } from '../packages/onerow/test/conformance/open-node-sqlite.ts'
import { fromMariadb } from 'onerow/mariadb'
import { fromMysql2 } from 'onerow/mysql2'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { fromPg } from 'onerow/pg'
import { fromPglite } from 'onerow/pglite'
import { fromPostgresJs } from 'onerow/postgres-js'
import { documents, identityCard } from '../packages/onerow/test/types/documents.ts'
const accounts = table<{ email: string }>('account', { columns: { email: 'email' } })
const pool = new pg.Pool()
const mariadbPool = createMariadbPool('mariadb://localhost/app')
const mysqlPool = createMysqlPool('mysql://localhost/app')
const sql = postgresJs()
async function work(): Promise<void> {}
export const used = [after, test, sqlite, conformance, openNodeSqlite, DatabaseSync, PGlite, createUnique, expression, getOrCreate, getOrCreateMany, isOnerowError, keySql, lower, table, transaction, uniqueKey, updateOrCreate, updateOrCreateMany, verifyKeys, postgres, fromMariadb, fromMysql2, mariadbPool, mysqlPool, fromNodeSqlite, fromPg, fromPglite, fromPostgresJs, documents, identityCard, accounts, pool, sql, work]
`

test('every snippet of the documents and of the doc comments compiles', () => {
  const documents = [
    'README.md',
    'packages/onerow/README.md',
    'packages/race/README.md',
    ...globSync('docs/**/*.md', { cwd: root }),
  ]
  const sources = globSync('packages/onerow/src/**/*.ts', { cwd: root })
  let count = 0
  for (const file of documents) for (const text of wholes(file)) write(file, ++count, `${text}\nexport {}\n`)
  // The second of the race explorer's README imports the first.
  const [race = ''] = snippets(read('packages/race/README.md'))
  writeFileSync(new URL('race.ts', scratch), race)
  for (const file of sources)
    for (const text of snippets(docComments(read(file))))
      // An example with imports stands for itself.
      write(file, ++count, /^import /m.test(text) ? `${text}\nexport {}\n` : `${prelude}\n{\n${text}\n}\n`)
  assert.ok(count > 15, `only ${count} snippets found`)
  const config = { extends: '../tsconfig.json', include: ['*.ts'], exclude: [] }
  const relaxed = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    // A Prisma client is generated code, which the application imports from its own folder.
    rootDirs: ['.', '../packages/onerow/test/tools/prisma'],
  }
  writeFileSync(new URL('tsconfig.json', scratch), JSON.stringify({ ...config, compilerOptions: relaxed }))
  const { status, stdout } = spawnSync('tsc', ['--noEmit', '-p', scratch.pathname], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})

function write(file: string, number: number, text: string): void {
  writeFileSync(new URL(`${file.replaceAll(/\W/g, '_')}_${number}.ts`, scratch), text)
}

test("the README's first use runs as it stands: one caller creates, nine find, all have one row", () => {
  const [, program] = /<!-- first-use -->\n```ts\n(.*?)^```$/ms.exec(read('README.md')) ?? []
  assert.ok(program)
  writeFileSync(new URL('first-use.ts', scratch), program)
  const output = execFileSync(
    process.execPath,
    ['--conditions=source', new URL('first-use.ts', scratch).pathname],
    {
      encoding: 'utf8',
    },
  )
  const lines = output.trimEnd().split('\n')
  const outcomes = Object.groupBy(lines.slice(0, 10), (line) => line.split(' ')[0] ?? '')
  assert.deepEqual([outcomes['created']?.length, outcomes['found']?.length], [1, 9])
  assert.equal(new Set(lines.slice(0, 10).map((line) => line.replace(/^\w+ +/, ''))).size, 1)
  assert.equal(lines[10], 'already-exists - This user already has a document of this type.')
})
