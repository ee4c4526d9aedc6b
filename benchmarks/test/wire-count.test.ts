import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTcpProxy, testDatabase } from '@onerow/servers'
import { Client } from 'pg'
import { wireCounter } from '../src/wire-count.ts'

test('statements and round trips are counted in what the server answers, however it is cut up', async () => {
  await using database = await testDatabase({ name: 'wire_count' })
  const { count, read } = wireCounter()
  const url = new URL(database.url)
  await using proxy = await startTcpProxy({
    port: Number(url.port),
    // Byte by byte.
    onChunk: ({ from, bytes }) =>
      from === 'server' && bytes.forEach((_, index) => read(bytes.subarray(index, index + 1))),
  })
  url.port = String(proxy.port)
  const client = new Client({ connectionString: url.href })
  await client.connect()
  const before = { ...count }
  await client.query('select 1; select 2; select 3')
  await client.query({ name: 'one', text: 'select $1::text', values: ['CIEZ'] })
  await assert.rejects(client.query('select 1/0'))
  await client.end()
  assert.deepEqual(
    { statements: count.statements - before.statements, roundTrips: count.roundTrips - before.roundTrips },
    { statements: 5, roundTrips: 3 },
  )
})
