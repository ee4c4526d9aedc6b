import assert from 'node:assert/strict'
import { startTcpProxy } from '@onerow/servers'
import { isOnerowError } from 'onerow'
import type { CutMoment } from 'onerow/conformance'
import { untilSeen, waitingOn } from '../../src/conformance/blocked.ts'
import { createItems } from '../../src/conformance/items.ts'
import { rejectedByTool } from '../../src/conformance/rejected.ts'
import { openSystems } from './systems.ts'
import { kind, verbs } from './verbs.ts'

// What the suite's R08 leaves open: that a pool gets over each cut, even one of one connection, where a connection that is
// not given back would hold up the next call for ever; and that many calls are cut at once.

const moments: readonly CutMoment[] = ['before-send', 'after-send', 'before-reply']

/** The same server by another address. */
function through(where: string, port: number): string {
  const url = new URL(where)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return url.href
}

for (const { openLossy, open, test, dialect } of await openSystems('connection_cut', [
  'postgres',
  'mariadb',
])) {
  for (const { name, begins, call } of verbs) {
    test(`a pool of one connection gets over each cut: ${name}`, async (engine, where) => {
      assert.ok(openLossy)
      await using closing = new AsyncDisposableStack()
      const { key, rows } = await createItems(engine)
      const lossy = await openLossy(where)
      closing.defer(() => lossy.close())
      const { db, close } = await open(lossy.where, { connections: 1 })
      closing.defer(close)
      const begin = dialect.begin(undefined).at(-1)?.text ?? assert.fail()
      for (const statement of begins ? [begin, kind, 'commit'] : [kind]) {
        for (const moment of [...moments, ...moments]) {
          const cut = lossy.cut(moment, statement)
          await rejectedByTool(call(db, key, 1))
          await cut
        }
      }
      const before = (await rows()).length
      assert.equal((await call(db, key, 1)).created, before === 0)
      assert.equal((await rows()).length, 1)
    })
  }

  test('64 callers, all their connections cut at once: each ends, and their repeats find one row', async (engine, where) => {
    await using closing = new AsyncDisposableStack()
    const { key, name, insertSql, rows } = await createItems(engine)
    const proxy = closing.use(await startTcpProxy({ port: Number(new URL(where).port) }))
    const { db, close } = await open(through(where, proxy.port), { connections: 8 })
    closing.defer(close)
    const rival = await engine.session()
    await rival.execute('begin')
    await rival.execute(insertSql({ owner: 1, kind }))
    const oneOf = (n: number) => (verbs[n % verbs.length] ?? assert.fail()).call(db, key, 1)
    const calls = Array.from({ length: 64 }, (_, n) => oneOf(n))
    const ended = Promise.allSettled(calls)
    await untilSeen(async () => (await waitingOn(engine, name)) === 8)
    proxy.cut()
    // The server does not notice: those that were cut off wait on, and one of them may yet make the row.
    await untilSeen(async () => (await waitingOn(engine, name)) > 8)
    await rival.execute('rollback')
    const answers = (await ended).flatMap((end) =>
      end.status === 'fulfilled' && end.value ? [end.value] : [],
    )
    const errors = (await ended).flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []))
    assert.equal(errors.length, 8)
    assert.deepEqual(errors.filter(isOnerowError), [])
    assert.ok(answers.filter(({ created }) => created).length <= 1)
    const repeats = await Promise.all(errors.map((_, n) => oneOf(n)))
    assert.deepEqual(
      repeats.filter(({ created }) => created),
      [],
    )
    assert.equal((await rows()).length, 1)
  })

  test('a server that refuses connections: each call ends, and works when it accepts them again', async (engine, where) => {
    await using closing = new AsyncDisposableStack()
    const { key, rows } = await createItems(engine)
    const proxy = closing.use(await startTcpProxy({ port: Number(new URL(where).port) }))
    const { db, close } = await open(through(where, proxy.port), { connections: 2 })
    closing.defer(close)
    assert.equal((await verbs[0]?.call(db, key, 0))?.created, true)
    proxy.refuse()
    proxy.cut()
    await Promise.all(verbs.map(({ call }) => rejectedByTool(call(db, key, 1))))
    assert.equal((await rows()).length, 1)
    await proxy.accept()
    const repeats = await Promise.all(verbs.map(({ call }) => call(db, key, 1)))
    assert.equal(repeats.filter(({ created }) => created).length, 1)
    assert.equal((await rows()).length, 2)
  })
}
