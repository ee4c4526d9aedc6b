import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { begin } from './begin.ts'
import { untilSeen, waitingOn } from './blocked.ts'
import type { Case } from './case.ts'
import { gatheringDatabase } from './gathering.ts'
import { createItems } from './items.ts'
import { upTo } from './many-verbs.ts'

const create = { label: 'ours' }

/** Where the call stands that meets the rival's row: it runs alone, or leaves with others. */
const places = [
  ['the first of all', 1],
  ['among those that gather', 7],
] as const

export const coalescingRaceCases: readonly Case[] = places.flatMap(([place, stuck]): readonly Case[] =>
  (['commit', 'rollback'] as const).map((end) => ({
    id: 'C06',
    name: `one of the calls at the same time waits for a rival's row, ${place}; the others do not wait for it; ${end}`,
    needs: ['calls that gather', 'several sessions', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      const db = gatheringDatabase(engine)
      // InnoDB locks the gap before a row that is waited for, so no other's new key may lie there.
      await engine.execute(insertSql({ owner: stuck - 1, label: 'ours' }))
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql({ owner: stuck }))
      const calls = upTo(12).map((owner) => getOrCreate(db, key, { where: { owner, kind: 'a' }, create }))
      const blocked = calls[stuck - 1] ?? assert.fail()
      let hasEnded = false
      const note = () => (hasEnded = true)
      blocked.then(note, note)

      const others = await Promise.all(calls.filter((call) => call !== blocked))
      for (const { row, created } of others) assert.equal(created, row.owner !== stuck - 1)
      await untilSeen(async () => (await waitingOn(engine, name)) > 0)
      assert.equal(hasEnded, false, 'the rival is in its way')
      // Nor do those who come later.
      const later = await Promise.all(
        [20, 21, 22].map((owner) => getOrCreate(db, key, { where: { owner, kind: 'a' }, create })),
      )
      assert.ok(later.every(({ created }) => created))
      assert.equal(hasEnded, false)

      await rival.execute(end)
      const { row, created } = await blocked
      assert.deepEqual(
        [row.owner, row.label, created],
        end === 'commit' ? [stuck, 'rival', false] : [stuck, 'ours', true],
      )
      assert.equal((await rows()).length, stuck === 1 ? 16 : 15)
    },
  })),
)
