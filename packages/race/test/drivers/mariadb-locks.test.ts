import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { explore } from '@onerow/race'
import type { Run } from '@onerow/race'
import { mysql2Sessions } from '@onerow/race/mysql2'
import mysql2 from 'mysql2/promise'
import type { PoolConnection } from 'mysql2/promise'

const database = await testMariadb({ name: 'race_locks' })

describe(
  'locks of MariaDB',
  { skip: !database && `MariaDB is not installed: ${installCommand.mariadb}` },
  () => {
    const uri = database?.url ?? ''
    const pool = mysql2.createPool({ uri, multipleStatements: true })
    const sessions = mysql2Sessions(mysql2, { uri })

    after(async () => {
      await pool.end()
      await database?.drop()
    })

    /** Runs statements on one connection. */
    const act = (statements: readonly string[]) => async () => {
      const connection: PoolConnection = await pool.getConnection()
      try {
        for (const statement of statements) await connection.query(statement)
      } finally {
        connection.release()
      }
    }

    /** How many times each of these had to wait, whichever came first. */
    async function waited(first: readonly string[], second: readonly string[]): Promise<readonly string[]> {
      const texts = new Set<string>()
      await explore({
        sessions,
        setup: () =>
          pool.query(
            'drop table if exists item; create table item (id integer primary key, name varchar(9))',
          ),
        actors: { first: act(first), second: act(second) },
        reduction: 'none',
        invariant: ({ steps }: Run) => {
          for (const { text, answeredAt, choice } of steps)
            if (answeredAt !== undefined && steps[answeredAt]?.choice !== choice) texts.add(text)
        },
      })
      return [...texts].sort()
    }

    test('those of rows', async () => {
      const insert = ['begin', 'insert into item (id) values (1)', 'rollback']
      assert.deepEqual(await waited(insert, insert), ['insert into item (id) values (1)'])
    })

    test('those of a table’s definition', async () => {
      const read = ['begin', 'select * from item', 'commit']
      const change = ['alter table item add column age integer']
      assert.deepEqual(await waited(read, change), change)
    })

    test('those that GET_LOCK takes', async () => {
      const lock = ["select get_lock('onerow_race', 10)", "select release_lock('onerow_race')"]
      assert.deepEqual(await waited(lock, lock), ["select get_lock('onerow_race', 10)"])
    })

    test('what a statement on a table touches besides', async () => {
      await pool.query(`
      create table customer (id integer primary key);
      create table invoice (id integer primary key, customer_id integer, foreign key (customer_id) references customer (id));
      create table line (id integer primary key, invoice_id integer, foreign key (invoice_id) references invoice (id) on delete cascade);
      create view billed as select customer.id from customer join invoice on customer_id = customer.id;
      create view billed_twice as select * from billed;
      create table watched (id integer);
      create trigger watching before insert on watched for each row set new.id = 1`)
      await using opened = await sessions.open()
      const { reads, opaque } = opened.relations
      const sorted = (table: string) => [...new Set(reads.get(table))].sort()
      assert.deepEqual(sorted('customer'), ['customer', 'invoice', 'line'])
      assert.deepEqual(sorted('invoice'), ['customer', 'invoice', 'line'])
      assert.deepEqual(sorted('line'), ['invoice', 'line'])
      assert.deepEqual(sorted('billed_twice'), ['billed', 'billed_twice', 'customer', 'invoice', 'line'])
      assert.ok(opaque.has('watched'))
      assert.deepEqual([opened.isolation, /^mysql2, MariaDB \d/.test(opened.name)], ['repeatable read', true])
    })
  },
)
