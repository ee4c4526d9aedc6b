import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, keySql, uniqueKey, updateOrCreate } from 'onerow'
import { fromTypeOrm, typeOrmTable } from 'onerow/typeorm'
import { EntitySchema } from 'typeorm'
import { typeOrmEngines } from './typeorm-data-sources.ts'

interface Account {
  id: number
  email: string
  note: string
  bytes: Buffer
}

const account = new EntitySchema<Account>({
  name: 'Account',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    email: { type: String, length: 100, collation: 'utf8mb4_bin' },
    note: { type: 'text', collation: 'utf8mb4_bin' },
    bytes: { type: 'blob' },
  },
})

const hostile = [
  `' or 1=1 -- `,
  `\\' or 1=1 -- `,
  `\\`,
  `a\\`,
  `'`,
  `''`,
  `"; drop table account; --`,
  'nul \0 tab \t line \n return \r escape \x1a backspace \b',
  '? ?? :name $1 %s `a` [b] /* c */',
  '誠 \u{1f98a} \u00bf\u0027 \u00bf\\',
  `{"json": "it's \\"quoted\\""}`,
]

const strict = 'STRICT_TRANS_TABLES'
const modes = [strict, `${strict},NO_BACKSLASH_ESCAPES`, `${strict},ANSI_QUOTES,NO_BACKSLASH_ESCAPES`]

const engines = await typeOrmEngines('typeorm_mysql')
const engine = engines.find(({ name }) => name === 'MariaDB') ?? assert.fail()

for (const mode of modes)
  // The dialect for MySQL runs on MariaDB, too.
  for (const type of ['mariadb', 'mysql'])
    test(
      `values stay what they are under sql_mode ${mode}, by type ${type}`,
      { skip: engine.skip },
      async () => {
        // A statement with a time limit goes to mysql2 as an object.
        const limited = { enableQueryTimeout: true, maxQueryExecutionTime: 60_000 }
        const dataSource = await engine.open([account], { type, poolSize: 1, charset: 'utf8mb4', ...limited })
        await dataSource.synchronize(true)
        const [db, accounts] = [fromTypeOrm(dataSource), dataSource.getRepository(account)]
        const byEmail = uniqueKey(typeOrmTable(accounts), ['email'], { name: 'account_email' })
        await dataSource.query(keySql(byEmail, db.dialect).replace(/;$/, ''))
        await dataSource.query(`set session sql_mode = '${mode}'`)
        for (const email of hostile) {
          const where = { email }
          const bytes = Buffer.from(email)
          const made = await getOrCreate(db, byEmail, { where, create: { note: email, bytes } })
          assert.deepEqual([made.created, made.row], [true, { id: made.row.id, email, note: email, bytes }])
          const changed = await updateOrCreate(db, byEmail, {
            where,
            update: ({ note }) => ({ note: `${note}${email}` }),
            create: { note: email, bytes },
          })
          assert.deepEqual([changed.outcome, changed.row.note], ['updated', email + email])
          assert.deepEqual((await getOrCreate(db, byEmail, { where, create: { bytes } })).row, changed.row)
        }
        const stored = await dataSource.query(
          'select hex(email) as email, hex(note) as note from account order by id',
        )
        const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase()
        assert.deepEqual(
          stored.map(({ email, note }: Account) => [email, note]),
          hostile.map((email) => [hex(email), hex(email + email)]),
        )
        // TypeORM's own statement lets them out: it finds what was not asked for.
        const own = await accounts.findBy({ email: `' or 1=1)) -- ` })
        assert.equal(own.length, mode === strict ? 0 : hostile.length)
      },
    )
