import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { startGalera, testGalera, type TestGalera, type TestGaleraNode } from '../src/index.ts'
import { withMariadbConnection, type MariadbAddress } from '../src/with-mariadb-connection.ts'
import { inProc, listeningSockets } from './listening-sockets.ts'
import { parentProcess } from './parent-process.ts'
import { withGalera } from './with-engine.ts'

let galera: TestGalera | undefined
before(async () => {
  // With wsrep-sync-wait a statement first waits for what other nodes have committed before it.
  const settings = { 'wsrep-sync-wait': '15', max_connections: '37', bind_address: '*' }
  galera = await testGalera({ name: 'd', settings })
})
after(() => galera?.drop())

test('starts three nodes, which are one cluster', withGalera, async () => {
  const nodes = threeNodes()
  assert.equal(new Set(nodes.map(({ port }) => port)).size, 3)
  for (const node of nodes) {
    const { state, clusterSize, primary } = await node.status()
    assert.deepEqual({ state, clusterSize, primary }, { state: 'Synced', clusterSize: 3, primary: true })
    assert.deepEqual(await query(node, 'select @@max_connections as n'), [{ n: 37n }])
    assert.match(node.url, new RegExp(`^mariadb://onerow:[0-9a-f]{32}@127\\.0\\.0\\.1:${node.port}/d$`))
  }
})

test('a row that is written on one node is read on another', withGalera, async () => {
  const [one, two, three] = threeNodes()
  await query(one, 'create table d.written (id int primary key)')
  await query(two, 'insert into d.written values (1)')
  assert.deepEqual(await query(three, 'select id from d.written order by id'), [{ id: 1 }])
})

test('of two transactions with one key on two nodes, one commits', withGalera, async () => {
  const [one, two] = threeNodes()
  await query(one, 'create table d.contended (id int primary key, node int)')
  const outcomes = await withMariadbConnection(one, (first) =>
    withMariadbConnection(two, async (second) => {
      await first.query('set autocommit = 0')
      await second.query('set autocommit = 0')
      await first.query('insert into d.contended values (1, 1)')
      await second.query('insert into d.contended values (1, 2)') // one server would have it wait
      return await Promise.allSettled([first.commit(), second.commit()])
    }),
  )
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await query(two, 'select id from d.contended order by id')).length, 1)
})

test(
  'goes on when a node is killed, which then rejoins and has what was written since',
  withGalera,
  async () => {
    const [one, two, three] = threeNodes()
    await query(one, 'create table d.kept (id int primary key)')
    await query(three, 'insert into d.kept values (1)')
    const { pid, port } = three
    await three.kill()
    await assert.rejects(three.status(), /ECONNREFUSED/)
    await query(one, 'insert into d.kept values (2)') // waits until the others have missed it
    await query(two, 'insert into d.kept values (3)')
    assert.equal((await two.status()).clusterSize, 2)

    await three.rejoin()
    assert.notEqual(three.pid, pid)
    assert.equal(three.port, port)
    assert.equal((await three.status()).clusterSize, 3)
    assert.deepEqual(await query(three, 'select id from d.kept order by id'), [
      { id: 1 },
      { id: 2 },
      { id: 3 },
    ])
    await query(three, 'insert into d.kept values (4)')
    assert.equal((await query(one, 'select id from d.kept order by id')).length, 4)
  },
)

test('never listens beyond loopback', inProc(withGalera), () => {
  for (const { pid } of threeNodes()) {
    const sockets = listeningSockets(pid)
    assert.equal(sockets.length, 2) // for clients and for the group
    for (const socket of sockets) assert.match(socket, /^tcp 0100007F:/)
  }
})

test('removes the folders when stopped', withGalera, async () => {
  const cluster = await startGalera({ nodes: 2 })
  assert.deepEqual(
    cluster.nodes.map(({ dataDirectory }) => existsSync(dataDirectory)),
    [true, true],
  )
  await cluster.stop()
  for (const { dataDirectory, pid } of cluster.nodes) {
    assert.equal(existsSync(dataDirectory), false)
    assert.throws(() => process.kill(pid, 0))
  }
  await cluster.stop() // a second time does no harm
})

test('goes when its process is killed', withGalera, async () => {
  const parent = await parentProcess({ start: 'startGalera' })
  assert.equal(parent.servers.length, 3)
  for (const { dataDirectory } of parent.servers) assert.equal(existsSync(dataDirectory), true)
  await parent.kill()
  await parent.serverGone()
  for (const { url } of parent.servers)
    await assert.rejects(query(addressOf(url), 'select 1'), /ECONNREFUSED/)
})

test('gives the words of the server for what is wrong', withGalera, async () => {
  await assert.rejects(
    startGalera({ nodes: 2, settings: { 'wsrep-cluster-address': 'gcomm://', 'no-such-setting': '1' } }),
    /did not start as a Galera cluster of 2 nodes.*Its log ends:\n.*unknown variable 'no-such-setting=1'/s,
  )
})

function threeNodes(): readonly [TestGaleraNode, TestGaleraNode, TestGaleraNode] {
  const [one, two, three] = galera?.nodes ?? []
  assert.ok(one && two && three)
  return [one, two, three]
}

async function query(address: MariadbAddress, text: string): Promise<readonly object[]> {
  return await withMariadbConnection(address, (connection) => connection.query(text))
}

function addressOf(url: string): MariadbAddress {
  const { hostname: host, port, username: user, password } = new URL(url)
  return { host, port: Number(port), user, password }
}
