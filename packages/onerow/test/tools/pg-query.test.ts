import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, mock, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import fc from 'fast-check'
import { fromPg } from 'onerow/pg'
import pg from 'pg'

const database = await testDatabase({ name: 'pg_query' })
after(() => database.drop())

const kinds = `
  $1::int4 as "a number", $2::text as text, $3::bool as bool, $4::numeric as numeric, $5::int8 as big, $6::int4[] as list, $7::text[] as texts,
  '2026-01-02T03:04:05Z'::timestamptz as at, '{"a":[1]}'::jsonb as json, '\\xff00'::bytea as bytes, null::text as nothing,
  'twice' as twice, 'later' as twice`

/** A statement as onerow sends it: by a name, which is prepared. */
const statement = (text: string, values: readonly unknown[] = [], name = 'named') => ({ text, values, name })

function poolOf(options: pg.PoolConfig = {}): pg.Pool & AsyncDisposable {
  const pool = new pg.Pool({ connectionString: database.url, max: 1, ...options })
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() })
}

function clientOf(): pg.Client & AsyncDisposable {
  const client = new pg.Client(database.url)
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

const numbers = fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
const texts = fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')))
const values = fc.tuple(
  numbers,
  texts,
  fc.option(fc.boolean()),
  fc.option(fc.integer()),
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.option(fc.array(numbers)),
  fc.option(fc.array(texts)),
)

test('values and rows are what they are in a query of pg itself, on a pool and on a client, however often', async () => {
  await using pool = poolOf()
  await using client = clientOf()
  await client.connect()
  const text = `select ${kinds}`
  await fc.assert(
    fc.asyncProperty(values, async (given) => {
      const { rows } = await pool.query({ text, values: given })
      assert.deepEqual(await fromPg(pool).execute(statement(text, given)), rows)
      assert.deepEqual(await fromPg(client).execute(statement(text, given)), rows)
    }),
  )
})

test('values that are for pg to write, and none at all, go with the same prepared statement', async () => {
  await using pool = poolOf()
  const db = fromPg(pool)
  const text = 'select $1::text as given'
  for (const [value, given] of [
    ['a', 'a'],
    [{ a: 1 }, '{"a":1}'],
    ['b', 'b'],
    [[['c']], '{{"c"}}'],
    [undefined, null],
  ])
    assert.deepEqual(await db.execute(statement(text, [value])), [{ given }])
  assert.deepEqual(await db.execute(statement('select 1 as one where false', [], 'empty')), [])
  const { rows } = await pool.query<{ name: string }>('select name from pg_prepared_statements order by 1')
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['empty', 'named'],
  )
})

test('each run is one write to the socket, the first too', async () => {
  await using client = clientOf()
  await client.connect()
  const writes = mock.method(client.connection.stream, 'write')
  for (let round = 1; round <= 3; round++) {
    assert.deepEqual(await fromPg(client).execute(statement('select $1::text as given', ['é'])), [
      { given: 'é' },
    ])
    assert.equal(writes.mock.callCount(), round)
  }
})

test('a statement that another session has under the same name, as behind a pooler, is read with its own types', async () => {
  await using client = clientOf()
  await client.connect()
  const run = () => fromPg(client).execute(statement('select amount from pay'))
  await client.query('create temporary table pay as select 5::int4 as amount')
  assert.deepEqual(await run(), [{ amount: 5 }])
  await client.query('deallocate named; alter table pay alter amount type numeric')
  await client.query("update pay set amount = '12345678901234567890.5'")
  await client.query('prepare named as select amount from pay')
  assert.deepEqual(await run(), [{ amount: '12345678901234567890.5' }])
})

test('a name that another statement has is refused, and what cannot be sent; the connection can be used again', async () => {
  await using client = clientOf()
  await client.connect()
  await using pool = poolOf()
  for (const db of [fromPg(client), fromPg(pool)]) {
    await db.execute(statement('select 1 as one'))
    if (db.client === client)
      await assert.rejects(
        db.execute(statement('select 2 as two')),
        /Another statement is prepared as "named"/,
      )
    // More values than the protocol can count.
    const many = Array.from({ length: 65536 }, () => 'a')
    await assert.rejects(db.execute(statement('select 3 as three', many, 'many')), RangeError)
    // A list that cannot be read.
    const broken = Object.defineProperty(['a'], 0, {
      get: () => {
        throw new EvalError('not to be read')
      },
    })
    await assert.rejects(db.execute(statement('select $1::text[] as list', [broken], 'list')), EvalError)
    assert.deepEqual(await db.execute(statement('select 1 as one')), [{ one: 1 }])
  }
})

test('a connection that is lost in the middle rejects its statement; the pool goes on', async () => {
  await using pool = poolOf()
  const db = fromPg(pool)
  pool.on('error', () => {})
  await assert.rejects(db.execute(statement('select pg_terminate_backend(pg_backend_pid())', [], 'end')))
  assert.deepEqual(await db.execute(statement('select 1 as one')), [{ one: 1 }])
  const sleeping = db.execute(statement('select pg_sleep(60)', [], 'sleep'))
  const [client] = await once(pool, 'acquire')
  ;(client as pg.Client).connection.stream.destroy()
  await assert.rejects(sleeping, /terminated/)
  assert.deepEqual(await db.execute(statement('select 1 as one')), [{ one: 1 }])
})

test('a type parser that is set later is used; one that throws fails its statement alone', async () => {
  await using client = clientOf()
  await client.connect()
  const db = fromPg(client)
  const run = () => db.execute(statement('select 7::int4 as number from generate_series(1, 2)'))
  assert.deepEqual(await run(), [{ number: 7 }, { number: 7 }])
  client.setTypeParser(23, (text) => `number ${text}`)
  assert.deepEqual(await run(), [{ number: 'number 7' }, { number: 'number 7' }])
  client.setTypeParser(23, () => {
    throw new RangeError('not a number of mine')
  })
  await assert.rejects(run(), /not a number of mine/)
  client.setTypeParser(23, Number)
  assert.deepEqual(await run(), [{ number: 7 }, { number: 7 }])
})

test("the server's error comes out as pg's, with a stack that leads to the call; and the statement can run again", async () => {
  await using pool = poolOf()
  await using client = clientOf()
  await client.connect()
  for (const db of [fromPg(client), fromPg(pool)]) {
    const divideBy = async (by: number) =>
      await db.execute(statement('select 1 / $1::int4 as quotient', [by]))
    for (let round = 0; round < 2; round++) {
      await assert.rejects(divideBy(0), (error) => {
        assert.ok(error instanceof pg.DatabaseError)
        assert.equal(error.code, '22012')
        assert.match(String(error.stack), /at async divideBy/)
        return true
      })
      assert.deepEqual(await divideBy(1), [{ quotient: 1 }])
    }
  }
})

test('query_timeout of the client holds, and its connection is not used again', async () => {
  await using pool = poolOf({ query_timeout: 100 })
  const db = fromPg(pool)
  const sleep = (seconds: number) =>
    db.execute(statement('select pg_backend_pid() as pid from pg_sleep($1)', [seconds]))
  const [before] = await sleep(0)
  await assert.rejects(sleep(10), /timeout/)
  const [afterwards] = await sleep(0)
  assert.notEqual(afterwards?.['pid'], before?.['pid'])
})

test('a client whose answers are binary, or which has several queries under way, sends its own', async () => {
  for (const options of [{ binary: true }, { pipeline: true }] as pg.PoolConfig[]) {
    await using pool = poolOf(options)
    const run = (value: number) => fromPg(pool).execute(statement('select $1::int4 as given', [value]))
    assert.deepEqual(await run(1), [{ given: 1 }])
    assert.deepEqual(await run(2), [{ given: 2 }])
  }
})
