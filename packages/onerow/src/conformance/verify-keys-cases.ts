import assert from 'node:assert/strict'
import type { KeyProblem } from '../dialect.ts'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { verifyKeys } from '../verify-keys.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItemTable, createKey } from './items.ts'
import type { ItemKey, Items } from './items.ts'
import { conditionalKey, faults } from './key-faults.ts'
import { rejected, rejectedAs } from './rejected.ts'

async function bringAbout(engine: Engine, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    const [, wanted] = statement.split(/^rejected: /)
    if (wanted === undefined) await engine.execute(statement)
    else await rejected(engine.execute(wanted))
  }
}

/** Does what the problems say: removes the duplicates that are listed, then runs the statements that mend the rest. */
async function mend(engine: Engine, table: string, problems: readonly KeyProblem[]): Promise<void> {
  const duplicates = problems.find(({ kind }) => kind === 'duplicate-rows')
  if (duplicates) {
    assert.equal((await engine.execute(duplicates.sql.replace(/;$/, ''))).length, 1, 'it lists the one value')
    await engine.execute(`delete from ${table} where id > (select min(id) from ${table})`)
  }
  for (const { kind, sql } of problems) if (kind !== 'duplicate-rows') await engine.script(sql)
}

const faultCases: readonly Case[] = faults.map(({ kinds, how, needs = [], statements, key: keyOf }) => ({
  id: 'K06',
  name: `verifyKeys tells ${kinds.join(' and ')}, and how to mend it: ${how}`,
  needs,
  async run(engine) {
    const items = await createItemTable(engine)
    const { name, rows } = items
    const key = keyOf(items)
    await bringAbout(engine, statements(name, engine.sql))
    const before = await rows()
    const problems = await verifyKeys(engine.db, [key])
    assert.deepEqual(
      problems.map((problem) => [problem.key, problem.kind]),
      kinds.map((kind) => [key.name, kind]),
    )
    const call = () =>
      getOrCreate(engine.db, key, { where: { owner: 1, kind: 'a' }, create: () => ({ label: 'x' }) })
    if (kinds.includes('duplicate-rows')) await rejectedAs('duplicate-rows', call())
    else
      assert.equal(
        (await rejectedAs('key-not-enforced', call())).sql,
        problems.map(({ sql }) => sql).join('\n'),
      )
    assert.deepEqual(await rows(), before)

    await mend(engine, name, problems)
    assert.deepEqual(await verifyKeys(engine.db, [key]), [])
    assert.deepEqual([(await call()).created, (await call()).created], [before.length === 0, false])
  },
}))

export const verifyKeysCases: readonly Case[] = [
  ...faultCases,
  {
    id: 'K06',
    name: 'verifyKeys tells nulls-distinct, and how to mend it: the key says that NULLs are equal',
    async run(engine) {
      const { items, name } = await createItemTable(engine)
      const key = uniqueKey(items, ['owner', 'note'], { name: `${name}_key`, nulls: 'equal' })
      await engine.execute(`create unique index ${name}_key on ${name} (owner_id, note)`)
      const problems = await verifyKeys(engine.db, [key])
      assert.deepEqual(
        problems.map(({ kind }) => kind),
        ['nulls-distinct'],
      )
      const call = () =>
        getOrCreate(engine.db, key, { where: { owner: 1, note: null }, create: { kind: 'a', label: 'x' } })
      await rejectedAs('key-not-enforced', call())
      await mend(engine, name, problems)
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      assert.deepEqual([(await call()).created, (await call()).created], [true, false])
    },
  },
  {
    id: 'K06',
    name: 'verifyKeys tells wider-index, and how to mend it: the index has no condition',
    async run(engine) {
      const items = await createItemTable(engine)
      const key = conditionalKey(items)
      await engine.execute(`create unique index ${key.name} on ${items.name} (owner_id, kind)`)
      await wider(engine, items, key)
    },
  },
  {
    id: 'K06',
    name: "verifyKeys tells wider-index, and how to mend it: beside the key's own index",
    async run(engine) {
      const items = await createItemTable(engine)
      const key = conditionalKey(items)
      await createKey(engine, key)
      await engine.execute(`create unique index ${items.name}_wider on ${items.name} (kind, owner_id)`)
      await wider(engine, items, key)
    },
  },
  {
    id: 'K06',
    name: 'verifyKeys tells nullable-column; a call without NULL does not mind',
    run: async (engine) => void (await nullableColumn(engine)),
  },
  {
    id: 'K06',
    name: 'verifyKeys tells how to mend nullable-column',
    needs: ['alter column'],
    async run(engine) {
      const { key, name, problems } = await nullableColumn(engine)
      await mend(engine, name, problems)
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
    },
  },
  {
    id: 'K06',
    name: 'verifyKeys on several keys tells of each by name, and nothing of the one that is right',
    async run(engine) {
      const { items, key, name } = await createItemTable(engine)
      await createKey(engine, key)
      const missing = uniqueKey(items, ['label'], { name: `${name}_missing` })
      const narrow = uniqueKey(items, ['label', 'kind'], { name: `${name}_narrow` })
      await engine.execute(`create unique index ${name}_narrow on ${name} (label, kind, amount)`)
      const problems = await verifyKeys(engine.db, [missing, key, narrow])
      assert.deepEqual(
        problems.map((problem) => [problem.key, problem.kind]),
        [
          [missing.name, 'missing-index'],
          [narrow.name, 'other-columns'],
        ],
      )
      for (const { message } of problems) assert.match(message, new RegExp(name))
      assert.deepEqual(await verifyKeys(engine.db, []), [])
    },
  },
]

async function wider(engine: Engine, { name, rows, insertSql }: Items, key: ItemKey) {
  const call = (owner: number) =>
    getOrCreate(engine.db, key, { where: { owner, kind: 'a' }, create: { label: 'x' } })
  const problems = await verifyKeys(engine.db, [key])
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['wider-index'],
  )
  // While no row outside the condition is in the way, the key is enforced: more strictly than it asks for.
  assert.deepEqual([(await call(1)).created, (await call(1)).created], [true, false])
  await engine.execute(insertSql({ owner: 2 }))
  await engine.execute(`update ${name} set note = 'outside' where owner_id = 2`)
  await rejectedAs('conflict-elsewhere', call(2))
  await mend(engine, name, problems)
  assert.deepEqual(await verifyKeys(engine.db, [key]), [])
  assert.deepEqual([(await call(2)).created, (await call(2)).created], [true, false])
  assert.equal((await rows()).length, 3)
}

async function nullableColumn(engine: Engine) {
  const { items, name } = await createItemTable(engine)
  const key = uniqueKey(items, ['owner', 'note'], { name: `${name}_key` })
  await createKey(engine, key)
  const problems = await verifyKeys(engine.db, [key])
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['nullable-column'],
  )
  assert.match(problems[0]?.message ?? '', /"note"/)
  const call = () =>
    getOrCreate(engine.db, key, { where: { owner: 1, note: 'n' }, create: { kind: 'a', label: 'x' } })
  assert.deepEqual([(await call()).created, (await call()).created], [true, false])
  return { key, name, problems }
}
