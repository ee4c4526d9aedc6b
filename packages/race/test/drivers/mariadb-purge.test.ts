import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { explore } from '@onerow/race'
import { mysql2Sessions } from '@onerow/race/mysql2'
import mysql2 from 'mysql2/promise'

// A server of its own: on another, somebody may still read what is deleted here.
const database = await testMariadb({ name: 'race_purge', alone: true })
after(() => database?.drop())

const skip = !database && `MariaDB is not installed: ${installCommand.mariadb}`
test(
  'who comes after a delete finds a gap, however long InnoDB takes to remove the rows',
  { skip },
  async () => {
    const uri = database?.url ?? ''
    const pool = mysql2.createPool({ uri, multipleStatements: true })
    await pool.query('create table item (id integer primary key)')
    const act = (statements: readonly string[]) => async () => {
      const connection = await pool.getConnection()
      for (const statement of statements) await connection.query(statement)
      connection.release()
    }
    const read = act(['begin', 'select * from item where id = 1000 for update', 'rollback'])
    try {
      const { schedules, infeasible, surprises } = await explore({
        sessions: mysql2Sessions(mysql2, { uri }),
        setup: () => pool.query('truncate item; insert into item select seq from seq_1_to_2000'),
        actors: {
          first: async () => {
            await act(['delete from item'])()
            await read()
          },
          second: read,
        },
        reduction: 'none',
        invariant: () => true,
      })
      // Of a gap there are as many locks as are asked for. The delete waits for who has come before it, and none comes while it runs.
      assert.deepEqual([surprises, schedules, infeasible], [[], 32, 1])
    } finally {
      await pool.end()
    }
  },
)
