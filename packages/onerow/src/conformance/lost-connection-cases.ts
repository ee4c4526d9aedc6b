import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import { transaction } from '../transaction.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case, Need } from './case.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { upTo } from './many-verbs.ts'
import type { CutMoment } from './open.ts'
import { rejectedByTool } from './rejected.ts'

// A kind that occurs in no other bytes on the wire.
const where = { owner: 1, kind: 'looked-up-7f3a' }
const create = { label: 'created-7f3a' }

type Call = (db: Database, key: ItemKey) => Promise<{ readonly created: boolean }>

interface LostCall {
  readonly name: string
  readonly call: Call
  readonly needs?: readonly Need[]
  /** The bytes of each of its statements; for `begin`, what the dialect writes. */
  readonly statements: readonly string[]
}

/** The calls of one statement, and the same where they are two. */
function oneOrTwo(name: string, call: Call, around: readonly string[] = []): readonly LostCall[] {
  const [before = [], after = []] = around.length > 0 ? [around.slice(0, 1), around.slice(1)] : []
  return [
    { name, call, needs: ['one statement'], statements: [...before, where.kind, ...after] },
    {
      name: `${name}, in two statements`,
      call,
      needs: ['two statements'],
      statements: [...before, where.kind, create.label, ...after],
    },
  ]
}

const calls: readonly LostCall[] = [
  ...oneOrTwo('getOrCreate', (db, key) => getOrCreate(db, key, { where, create })),
  ...oneOrTwo('updateOrCreate', (db, key) =>
    updateOrCreate(db, key, { where, update: { amount: 1 }, create }),
  ),
  ...oneOrTwo('transaction', (db, key) => transaction(db, (tx) => getOrCreate(tx, key, { where, create })), [
    'begin',
    'commit',
  ]),
  {
    name: 'getOrCreate, a function in create',
    call: (db, key) => getOrCreate(db, key, { where, create: () => create }),
    statements: [where.kind, create.label],
  },
  {
    name: 'updateOrCreate by function',
    call: (db, key) => updateOrCreate(db, key, { where, update: () => ({ amount: 1 }), create }),
    statements: ['begin', where.kind, create.label, 'commit'],
  },
  {
    // In between, a list runs once more by itself; but not when COMMIT may have been done.
    name: 'getOrCreateMany',
    call: async (db, key) =>
      (await getOrCreateMany(db, key, [{ where, create }]))[0] ?? assert.fail('the call has no answer'),
    statements: ['begin', 'commit'],
  },
]

/** How many rows there may be when the connection was lost at a moment of the last statement; before, there is none. */
const rowsAfterLast: readonly (readonly [moment: CutMoment, counts: readonly number[]])[] = [
  ['before-send', [0]],
  ['after-send', [0, 1]],
  ['before-reply', [1]],
]

const oneCall: readonly Case[] = calls.flatMap(({ name, call, statements, needs = [] }) =>
  statements.flatMap((statement, index) =>
    rowsAfterLast.map(([moment, counts]): Case => ({
      id: 'R08',
      name: `the connection is lost ${moment.replace('-', ' ')} of "${statement}": a repeat gives one row: ${name}`,
      needs: ['lost connections', ...needs],
      async run(engine) {
        const { key, rows } = await createItems(engine)
        const { db, cut } = await engine.openLossy()
        const [opening] = db.dialect.begin(undefined)
        const lost = cut(moment, statement === 'begin' ? (opening?.text ?? statement) : statement)
        await withNothingUncaught(() => rejectedByTool(call(db, key)))
        await lost
        const before = await rows()
        const expected = index === statements.length - 1 ? counts : [0]
        assert.ok(expected.includes(before.length), `${before.length} rows, not ${expected.join(' or ')}`)
        const { created } = await call(db, key)
        assert.equal(created, before.length === 0)
        assert.equal((await rows()).length, 1)
        assert.equal((await call(db, key)).created, false)
      },
    })),
  ),
)

const calledTogether: readonly Case[] = rowsAfterLast.map(([moment, [fewest = 0, most = fewest]]) => ({
  id: 'R08',
  name: `the connection is lost ${moment.replace('-', ' ')} of calls that leave together: each is told, none that it found its row`,
  needs: ['lost connections', 'calls that gather', 'inserts that gather'],
  async run(engine) {
    const { key, rows } = await createItems(engine)
    const { db, cut } = await engine.openLossy()
    const call = (owner: number, label: string) =>
      getOrCreate(db, key, { where: { ...where, owner }, create: { label } })
    const owners = upTo(5)
    const lost = cut(moment, create.label)
    await withNothingUncaught(async () => {
      // Two go by themselves, and the others gather meanwhile.
      const alone = [100, 101].map((owner) => call(owner, 'alone'))
      const together = owners.map((owner) => call(owner, create.label))
      for (const work of together) await rejectedByTool(work)
      for (const { created } of await Promise.all(alone)) assert.equal(created, true)
    })
    await lost
    const made = (await rows()).length - 2
    assert.ok(made === fewest * owners.length || made === most * owners.length, `${made} rows`)
    for (const { created } of await Promise.all(owners.map((owner) => call(owner, create.label))))
      assert.equal(created, made === 0)
    assert.equal((await rows()).length, owners.length + 2)
  },
}))

export const lostConnectionCases: readonly Case[] = [...oneCall, ...calledTogether]

/** A driver also tells of a lost connection by an event, and one that nobody listens for ends the process. */
async function withNothingUncaught(work: () => Promise<unknown>): Promise<void> {
  const uncaught: unknown[] = []
  const hear = (error: unknown) => void uncaught.push(error)
  process.on('uncaughtExceptionMonitor', hear)
  try {
    await work()
    // The event may come just after the rejection.
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('uncaughtExceptionMonitor', hear)
  }
  assert.deepEqual(uncaught, [])
}
