import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { verifyKeys } from '../verify-keys.ts'
import type { Case } from './case.ts'
import { createItemTable } from './items.ts'
import { rejectedAs } from './rejected.ts'

/** An index that somebody else has made, for the condition { kind: ['a', 'b'], note: null, amount: 1 }. */
const spellings: readonly (readonly [how: string, predicate: string, works: boolean])[] = [
  ['other whitespace', `"kind"   in\n('a','b')\tand note IS NULL and amount=1`, true],
  ['other case of keywords and names', `KIND IN ('a', 'b') AND Note Is Null AND AMOUNT = 1`, true],
  ['other quotes', `[kind] in ('a', 'b') and \`note\` is null and amount = 1`, true],
  ['parentheses', `((kind in ('a', 'b')) and (note is null) and ((amount) = 1))`, true],
  [
    'a comment that holds a parenthesis and WHERE',
    `kind in ('a', 'b') /* ) where ( */ and note is null and amount = 1`,
    true,
  ],
  ['terms in another order', `amount = 1 and note is null and kind in ('a', 'b')`, true],
  ['OR for IN', `(kind = 'a' or kind = 'b') and note is null and amount = 1`, false],
  ['values in another order', `kind in ('b', 'a') and note is null and amount = 1`, false],
  ['a term too many', `kind in ('a', 'b') and note is null and amount = 1 and label <> ''`, false],
  ['another value', `kind in ('a', 'c') and note is null and amount = 1`, false],
]

export const spelledPredicateCases: readonly Case[] = spellings.map(([how, predicate, works]) => ({
  id: 'K06',
  name: `an index's condition with ${how} ${works ? 'works' : 'is reported as another condition'}`,
  needs: ['spelled predicates'],
  async run(engine) {
    const { items, name, rows } = await createItemTable(engine)
    const key = uniqueKey(items, ['owner'], {
      name: `${name}_key`,
      condition: { kind: ['a', 'b'], note: null, amount: 1 },
    })
    await engine.execute(`create unique index ${name}_key on ${name} (owner_id) where ${predicate}`)
    const call = () => getOrCreate(engine.db, key, { where: { owner: 1 }, create: { kind: 'b', label: 'x' } })
    const problems = await verifyKeys(engine.db, [key])
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      works ? [] : ['other-condition'],
    )
    if (works) {
      assert.deepEqual([(await call()).created, (await call()).created], [true, false])
      const updated = await updateOrCreate(engine.db, key, {
        where: { owner: 1 },
        update: { label: 'y' },
        create: { kind: 'a' },
      })
      assert.equal(updated.outcome, 'updated')
    } else {
      await rejectedAs('key-not-enforced', call())
      await engine.script(problems.map(({ sql }) => sql).join('\n'))
      assert.deepEqual([(await call()).created, (await call()).created], [true, false])
    }
    assert.equal((await rows()).length, 1)
  },
}))
