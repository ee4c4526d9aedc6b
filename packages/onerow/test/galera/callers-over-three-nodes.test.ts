import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { installCommand, testGalera } from '@onerow/servers'
import type { TestGalera } from '@onerow/servers'
import { createConnection, createPoolCluster } from 'mysql2/promise'
import { getOrCreate, keySql, table, transaction, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { mariadb } from 'onerow/mysql'
import { fromMysql2 } from 'onerow/mysql2'
import { openGalera } from '../conformance/open-galera.ts'
import { watched } from '../../src/conformance/watched.ts'

// R07: callers spread over all nodes; each statement, and each transaction, goes to the next one. A row that a caller was
// given must be there on every node in the end, and exactly one caller have been told, after its commit, that it made it.

const callers = 64

interface Item {
  readonly id: number
  readonly owner: number
  readonly caller: number
}

type Call = (db: Database, owner: number, caller: number) => Promise<{ row: Item; created: boolean }>

function declare(name: string) {
  const items = table<Item, Omit<Item, 'id'>>(name, {
    columns: { id: 'id', owner: 'owner', caller: 'caller' },
  })
  return uniqueKey(items, ['owner'], { name: `${name}_owner` })
}

const galera = await testGalera({ name: 'callers' })
if (galera) {
  after(() => galera.drop())
  for (const syncWait of [0, 1]) {
    // In transactions, a call takes eight times as long.
    registerTests(galera, { tool: 'mariadb', syncWait, keys: { autocommit: 200, transactions: 50 } })
    registerTests(galera, { tool: 'mysql2', syncWait, keys: { autocommit: 40, transactions: 40 } })
  }
} else {
  test('callers over three Galera nodes', { skip: `Galera is not installed: ${installCommand.mariadb}` })
}

interface Run {
  readonly tool: 'mariadb' | 'mysql2'
  /** The nodes' `wsrep_sync_wait`. */
  readonly syncWait: number
  readonly keys: Readonly<Record<Way, number>>
}

type Way = 'autocommit' | 'transactions'

function registerTests(cluster: TestGalera, { tool, syncWait, keys: keysBy }: Run): void {
  for (const way of ['autocommit', 'transactions'] as const) {
    const keys = keysBy[way]
    const name = `${tool}, wsrep_sync_wait=${syncWait}, ${way}`
    test(`${callers} callers × ${keys} keys over three nodes: one row, one created: ${name}`, async (context) => {
      const urls = cluster.nodes.map(({ url }) => url)
      const key = await createItems(urls, `item_${tool}_${syncWait}_${way}`)
      await onEachNode(urls, [`set global wsrep_sync_wait = ${syncWait}`])
      const opened = tool === 'mariadb' ? await openGalera(urls.join(' ')) : openMysql2Cluster(urls)
      const lost = { statements: 0, commits: 0 }
      const db = watched(opened.db, { after: (_, error) => error !== undefined && lost.statements++ })
      const once: Call = (at, owner, caller) => getOrCreate(at, key, { where: { owner }, create: { caller } })
      let told = 0
      const inTransaction: Call = (at, owner, caller) =>
        transaction(at, async (tx) => {
          const result = await once(tx, owner, caller)
          if (result.created) told++
          return result
        })
      const call = way === 'autocommit' ? once : inTransaction
      const results = await Promise.all(
        Array.from({ length: callers }, async (_, caller) => {
          const answers: Awaited<ReturnType<Call>>[] = []
          for (let owner = 1; owner <= keys; owner++) answers.push(await call(db, owner, caller))
          return answers
        }),
      )
      await opened.close()
      const created = results.flat().filter((result) => result.created)
      lost.commits = Math.max(0, told - created.length)
      await assertOneRowEach(urls, key.table.name, results.flat())
      assert.equal(await countRows(urls, key.table.name), keys)
      assert.equal(created.length, keys)
      context.diagnostic(
        `${results.flat().length} calls: ${lost.statements} statements refused (1062, 1213) and repeated; ` +
          (way === 'autocommit'
            ? ''
            : `${told} told "created" inside their transaction, ${lost.commits} of these refused at COMMIT`),
      )
    })
  }
}

/** All nodes have the same rows, one for each key, and every row that a caller was given is one of them. */
async function assertOneRowEach(
  urls: readonly string[],
  name: string,
  results: readonly { row: Item; created: boolean }[],
): Promise<void> {
  const stored = await onEachNode(urls, ['set wsrep_sync_wait = 1', `select * from ${name} order by owner`])
  const [first = []] = stored
  for (const rows of stored) assert.deepEqual(rows, first)
  const byOwner = new Map(first.map((row) => [row['owner'], row]))
  for (const { row } of results)
    assert.deepEqual({ ...row }, byOwner.get(row.owner), 'a caller has a row that is not there')
}

async function createItems(urls: readonly string[], name: string) {
  const key = declare(name)
  await onEachNode(urls.slice(0, 1), [
    `create table ${name} (id integer auto_increment primary key, owner integer not null, caller integer not null)`,
    keySql(key, mariadb).replace(/;$/, ''),
  ])
  // Waits until the others have it.
  await onEachNode(urls, ['set wsrep_sync_wait = 1', `select 1 from ${name}`])
  return key
}

async function countRows(urls: readonly string[], name: string): Promise<number> {
  const [[row] = []] = await onEachNode(urls, [`select count(*) as count from ${name}`])
  return Number(row?.['count'])
}

/** Runs the statements on each node, and gives the rows of the last. */
async function onEachNode(urls: readonly string[], statements: readonly string[]) {
  const answers: (readonly Readonly<Record<string, unknown>>[])[] = []
  for (const uri of urls) {
    const connection = await createConnection({ uri })
    let rows: unknown
    for (const statement of statements) [rows] = await connection.query(statement)
    // As plain objects, which can be compared: mysql2 makes a class for each query.
    answers.push(JSON.parse(JSON.stringify(rows)) as readonly Readonly<Record<string, unknown>>[])
    await connection.end()
  }
  return answers
}

function openMysql2Cluster(urls: readonly string[]) {
  const cluster = createPoolCluster()
  for (const uri of urls) cluster.add({ uri, connectionLimit: 10 })
  return { db: fromMysql2(cluster.of('*', 'RR'), { server: 'mariadb' }), close: () => cluster.end() }
}
