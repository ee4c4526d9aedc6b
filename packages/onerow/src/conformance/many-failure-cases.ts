import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { isOnerowError } from '../errors.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateValues } from '../get-or-create.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { begin } from './begin.ts'
import type { Case } from './case.ts'
import { createLabelledItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { manyVerbs, upTo } from './many-verbs.ts'
import { rejected, rejectedAs, saidAnywhere } from './rejected.ts'
import { counted } from './watched.ts'

type Create = GetOrCreateValues<ItemKey>['create']

const at = (owner: number) => ({ owner, kind: 'a' })
const good = (owner: number): { readonly label: string; readonly amount: number } => ({
  label: `label ${owner}`,
  amount: 1,
})

/** Items whose label is unique and whose amount is not negative. */
const createStrictItems: typeof createLabelledItems = (engine) =>
  createLabelledItems(engine, 'check (amount >= 0)')

/** What a row is made of that cannot be stored. */
const badRows: readonly (readonly [name: string, create: Create])[] = [
  ['NOT NULL', { label: null as unknown as string, amount: 1 }],
  ['CHECK', { label: 'label', amount: -1 }],
  ['another unique constraint', { label: 'taken', amount: 1 }],
  ['another unique constraint, by a function', { label: () => 'taken', amount: 1 }],
  ['no such column, by a function', () => ({ nonsense: 1 }) as unknown as { label: string }],
]

/** A list for owners 1 to 5, of which the fourth cannot be stored; and that call by itself. */
const verbs: readonly (readonly [
  name: string,
  list: (db: Database, key: ItemKey, create: Create) => Promise<unknown>,
  alone: (db: Database, key: ItemKey, create: Create) => Promise<unknown>,
])[] = [
  [
    'getOrCreateMany',
    (db, key, create) =>
      getOrCreateMany(
        db,
        key,
        upTo(5).map((owner) => ({ where: at(owner), create: owner === 4 ? create : good(owner) })),
      ),
    (db, key, create) => getOrCreate(db, key, { where: at(4), create }),
  ],
  [
    'updateOrCreateMany',
    (db, key, create) =>
      updateOrCreateMany(
        db,
        key,
        upTo(5).map((owner) => ({
          where: at(owner),
          update: { note: 'n' },
          create: owner === 4 ? create : good(owner),
        })),
      ),
    (db, key, create) => updateOrCreate(db, key, { where: at(4), update: { note: 'n' }, create }),
  ],
]

/** The list must fail by its fourth call, with what that throws by itself. */
async function assertFourthFailed(list: Promise<unknown>, expected: Error): Promise<void> {
  const error = await rejectedAs('row-failed', list)
  assert.equal(error.index, 3)
  assert.ok(error.cause instanceof Error)
  assert.equal(error.cause.constructor, expected.constructor, String(error.cause))
  if (!isOnerowError(expected)) assert.equal(saidAnywhere(error.cause), saidAnywhere(expected))
  else assert.ok(isOnerowError(error.cause) && error.cause.kind === expected.kind)
}

export const manyFailureCases: readonly Case[] = [
  ...verbs.flatMap(([verb, list, alone]): readonly Case[] => [
    {
      id: 'B04',
      name: `one bad row: its error with its place in the list, and nothing is written: ${verb}`,
      async run(engine) {
        const { key, rows } = await createStrictItems(engine)
        const before = await rows()
        for (const [, create] of badRows) {
          const expected = await rejected(alone(engine.db, key, create))
          await assertFourthFailed(list(engine.db, key, create), expected)
          assert.deepEqual(await rows(), before)
        }
      },
    },
    {
      id: 'B04',
      name: `one bad row in a caller's transaction, which stays usable and keeps its other writes: ${verb}`,
      needs: ['savepoints by SQL'],
      async run(engine) {
        const { key, insertSql, rows } = await createStrictItems(engine)
        for (const [name, create] of badRows) {
          const expected = await rejected(alone(engine.db, key, create))
          const { db, execute } = await engine.session()
          await begin({ execute }, engine)
          await execute(insertSql({ owner: 7, label: `before ${name}` }))
          await assertFourthFailed(list(db, key, create), expected)
          await getOrCreateMany(db, key, [{ where: at(8), create: { label: `after ${name}` } }])
          await execute('commit')
          assert.deepEqual(
            (await rows()).map(({ label }) => label),
            ['taken', `before ${name}`, `after ${name}`],
          )
          await engine.execute(`delete from ${key.table.name} where owner_id <> 9`)
        }
      },
    },
  ]),
  ...manyVerbs.map(([verb, call]): Case => ({
    id: 'B04',
    name: `a list in a caller's transaction goes away with it: ${verb}`,
    async run(engine) {
      const { key, rows } = await createLabelledItems(engine)
      const before = await rows()
      const { db, execute } = await engine.session()
      await begin({ execute }, engine)
      const [first, second] = [await call(db, key, [9, 9]), await call(db, key, [9])]
      assert.deepEqual([first.length, second.length], [2, 1])
      await execute('rollback')
      assert.deepEqual(await rows(), before)
    },
  })),
  {
    id: 'B06',
    name: 'a long list of which the last row is bad: nothing is written, and its place is told',
    async run(engine) {
      const { key, rows } = await createStrictItems(engine)
      const before = await rows()
      const owners = upTo(engine.load === 'full' ? 2_200 : 1_100).map((owner) => owner + 9)
      const last = owners.length - 1
      const error = await rejectedAs(
        'row-failed',
        getOrCreateMany(
          engine.db,
          key,
          owners.map((owner, index) => ({
            where: at(owner),
            create: { ...good(owner), amount: index === last ? -1 : 1 },
          })),
        ),
      )
      assert.equal(error.index, last)
      assert.deepEqual(await rows(), before)
    },
  },
  {
    id: 'B04',
    name: 'an invalid call of a list is refused with its place, before any SQL',
    async run(engine) {
      const { key } = await createLabelledItems(engine)
      const { db, count } = counted(engine.db)
      const fine = { where: at(1), create: { label: 'x' } }
      const wrong = [
        // @ts-expect-error
        () => getOrCreateMany(db, key, [fine, { where: { owner: 1 }, create: { label: 'x' } }]),
        // @ts-expect-error
        () => getOrCreateMany(db, key, [fine, { where: at(2), create: { nonsense: 1, label: 'x' } }]),
        () =>
          updateOrCreateMany(db, key, [
            { ...fine, update: { amount: 1 } },
            { where: at(2), update: { id: 1 } as object, create: { label: 'x' } },
          ]),
      ]
      for (const call of wrong) {
        const error = await rejectedAs('row-failed', call())
        assert.equal(error.index, 1)
        assert.ok(isOnerowError(error.cause) && error.cause.kind === 'outside-key')
        assert.equal(count(), 0)
      }
      // Nor are these any list.
      for (const calls of [undefined, 7, { where: at(1) }])
        assert.throws(() => getOrCreateMany(db, key, calls as unknown as readonly (typeof fine)[]), TypeError)
      assert.equal(count(), 0)
    },
  },
]
