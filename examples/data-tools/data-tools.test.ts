import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { openPool } from '../stage/open-pool.ts'
import { callers, contest } from './contest.ts'
import { dataTools } from './data-tools.ts'

const database = await testDatabase({ name: 'data_tools' })
const pool = openPool(database.url)
after(async () => {
  await pool.end()
  await database.drop()
})

for (const tool of dataTools) {
  test(`${tool.name}: ${callers} callers on one fresh key, pools of 10 and of 1`, async (context) => {
    const rounds = await contest(pool, database.url, tool)
    for (const { call, connections, unique, told, given, rows } of rounds) {
      const about = `${call}, pool of ${connections}, ${unique ? 'unique' : 'no index'}`
      context.diagnostic(`${about}: ${JSON.stringify(told)}, ${rows} rows`)
      if (call !== 'onerow') continue
      const expected = unique ? { created: 1, found: callers - 1 } : { 'key-not-enforced': callers }
      assert.deepEqual({ ...told }, expected, about)
      assert.deepEqual([given, rows], unique ? [1, 1] : [0, 0], about)
    }
  })
}
