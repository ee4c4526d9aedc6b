import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { ownLocks, readStatement } from '../src/statement.ts'
import type { Command } from '../src/statement.ts'

const query = (reads: readonly string[], writes: readonly string[]): Command => ({
  kind: 'query',
  reads: new Set(reads),
  writes: new Set(writes),
})
const readsOf = (...tables: readonly string[]) => query(tables, [])
const writesOf = (...tables: readonly string[]) => query(tables, tables)
const opaque: Command = { kind: 'opaque' }

/** What data tools send, and what people write: each names exactly these tables. */
const queries: readonly (readonly [string, Command])[] = [
  // Prisma
  [
    `SELECT "public"."Race"."user_id" FROM "public"."Race" WHERE ("public"."Race"."user_id" = $1 AND 1=1) LIMIT $2 OFFSET $3`,
    readsOf('race'),
  ],
  [
    `INSERT INTO "public"."Race" ("user_id","name") VALUES ($1,$2) RETURNING "public"."Race"."user_id"`,
    writesOf('race'),
  ],
  [
    `UPDATE "public"."Race" SET "name" = $1 WHERE ("public"."Race"."user_id" = $2 AND 1=1) RETURNING "public"."Race"."user_id"`,
    writesOf('race'),
  ],
  [
    'SELECT `app`.`Race`.`id` FROM `app`.`Race` WHERE `app`.`Race`.`id` = ? LIMIT ? OFFSET ?',
    readsOf('race'),
  ],
  [
    `SELECT "t0"."id" FROM "public"."a" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("x"), '[]') FROM (SELECT "t1"."id" FROM "public"."b" AS "t1" WHERE "t0"."id" = "t1"."a_id") AS "x") AS "y" ON TRUE`,
    readsOf('a', 'b'),
  ],
  // Drizzle, Kysely
  [`select "user_id", "name" from "race" where "race"."user_id" = $1 for update`, writesOf('race')],
  [
    `insert into "race" ("user_id", "name") values ($1, $2), (default, $3) on conflict ("user_id") do update set "name" = excluded."name", "age" = 2 returning *`,
    writesOf('race'),
  ],
  [
    'insert into `race` (`user_id`) values (?) on duplicate key update `name` = ?, `age` = values(`age`)',
    writesOf('race'),
  ],
  // TypeORM
  [
    `SELECT "Race"."id" AS "Race_id" FROM "race" "Race" WHERE (("Race"."user_id" = $1)) LIMIT 1`,
    readsOf('race'),
  ],
  [
    `SELECT DISTINCT "distinctAlias"."Race_id" AS "ids_Race_id" FROM (SELECT "Race"."id" AS "Race_id" FROM "race" "Race" LEFT JOIN "tag" "tag" ON "tag"."race"="Race"."id") "distinctAlias" ORDER BY "Race_id" ASC`,
    readsOf('race', 'tag'),
  ],
  ['INSERT INTO `race`(`id`, `user_id`) VALUES (DEFAULT, ?)', writesOf('race')],
  // Sequelize
  [
    `SELECT "id", "user_id" FROM "races" AS "Race" WHERE "Race"."user_id" = 'it''s from b' LIMIT 1;`,
    readsOf('races'),
  ],
  [`DELETE FROM "races" WHERE "id" IN (SELECT "id" FROM "old" LIMIT 1)`, writesOf('races', 'old')],
  // Knex, MikroORM, Django
  [
    `select "r0".* from "race" as "r0" left join "tag" as "t1" on "r0"."id" = "t1"."race_id" where "r0"."id" = 1 for update of "r0"`,
    writesOf('race', 'tag'),
  ],
  [`select "r0".* from "race" as "r0" where "r0"."id" = 1 for no key update skip locked`, writesOf('race')],
  [
    'SELECT (1) AS `a` FROM `app_race` WHERE `app_race`.`user_id` = %s LIMIT 21 LOCK IN SHARE MODE',
    writesOf('app_race'),
  ],
  // By hand
  [
    'select * from a, b as x, only c y, (d cross join e), lateral f(1, 2) as g(h, i), "J"',
    readsOf('a', 'b', 'c', 'd', 'e', 'f', 'j'),
  ],
  [
    'select * from a force index (i), b partition (p, q) join c using (id), d where e in (f, g)',
    readsOf('a', 'b', 'c', 'id', 'd'),
  ],
  ['(select 1 from a) union all (select 2 from b) order by 1', readsOf('a', 'b')],
  ['table item', readsOf('item')],
  [
    'with a as (insert into b select * from c returning *), d as materialized (select 1 from e) select * from a, d',
    writesOf('b', 'c', 'e', 'a', 'd'),
  ],
  [
    'update a set b = (select max(c) from d), e = 1 from f, g where a.id = f.id',
    writesOf('a', 'd', 'f', 'g'),
  ],
  ['update low_priority a, b set a.x = b.x', writesOf('a', 'b')],
  ['update a inner join b on a.id = b.id, c set a.x = 1', writesOf('a', 'b', 'c')],
  ['delete from a using b, c where a.id = b.id', writesOf('a', 'b', 'c')],
  ['delete x, y from a as x join b as y', writesOf('x', 'y', 'a', 'b')],
  ['delete quick a.* from a straight_join b', writesOf('a', 'b')],
  ['insert a values (1)', writesOf('a')],
  ['insert ignore into a select * from b for share', writesOf('a', 'b')],
  ['replace delayed a set b = 1, c = 2', writesOf('a')],
  [
    'merge into only a using (select * from b) as c on c.id = a.id when matched then delete',
    writesOf('a', 'b'),
  ],
  ['select replace(insert(a, 1, 1, b), c, d) from e', readsOf('e')],
  ['select extract(year from x), substring(y from 2 for 3) from z', readsOf('x', 'z')],
  ['select a is not distinct from b from c', readsOf('c')],
  ['select * from "a"."b".c where d = 1', readsOf('c')],
  ['select * from "a ""quoted"" name"', readsOf('a ""quoted"" name')],
  ['select * from 2fa_codes', readsOf('2fa_codes')],
  ['select /* from a */ 1 -- from b\n from c /*+ hint */', readsOf('c')],
  [`select $$ from a $$, $t$ ' from $$ b $t$, ' -- ' from c where d = $1 or e=$2`, readsOf('c')],
  ['select pg_advisory_xact_lock($1)', writesOf(ownLocks)],
  ['select get_lock(?, 10) from a', writesOf('a', ownLocks)],
  [`select set_config('app.tenant', $1, true)`, readsOf()],
  ['set statement max_statement_time = 1 for delete from a', writesOf('a')],
  ['set @a = (select count(*) from b)', readsOf('b')],
]

test('a statement reads and writes the tables that it names', () => {
  for (const [text, expected] of queries) assert.deepEqual(readStatement(text), expected, text)
})

const others: readonly (readonly [string, Command])[] = [
  ['BEGIN', { kind: 'begin', isolation: undefined, isSnapshot: false }],
  [
    'start transaction isolation level repeatable read, read only',
    { kind: 'begin', isolation: 'repeatable read', isSnapshot: false },
  ],
  ['START TRANSACTION WITH CONSISTENT SNAPSHOT', { kind: 'begin', isolation: undefined, isSnapshot: true }],
  ['begin not atomic select 1', opaque],
  ['commit work;', { kind: 'commit' }],
  ['commit and no chain', { kind: 'commit' }],
  ['commit and chain', opaque],
  [`commit prepared 'a'`, opaque],
  ['rollback to savepoint a', { kind: 'undo' }],
  ['ROLLBACK', { kind: 'rollback' }],
  ['release savepoint a', { kind: 'session' }],
  ['', { kind: 'session' }],
  ['-- ping', { kind: 'session' }],
  [`set local lock_timeout = '1s'`, { kind: 'session' }],
  ['set transaction isolation level serializable', { kind: 'isolation', isolation: 'serializable' }],
  ['SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', { kind: 'usual', isolation: 'read committed' }],
  [
    'set session characteristics as transaction isolation level repeatable read',
    { kind: 'usual', isolation: 'repeatable read' },
  ],
  [`set default_transaction_isolation = 'serializable'`, { kind: 'usual', isolation: undefined }],
  ['set autocommit = 0', { kind: 'usual', isolation: undefined }],
  [
    'begin; commit',
    {
      kind: 'several',
      commands: [{ kind: 'begin', isolation: undefined, isSnapshot: false }, { kind: 'commit' }],
    },
  ],
]

test('a statement that is no query', () => {
  for (const [text, expected] of others) assert.deepEqual(readStatement(text), expected, text)
})

const unknown = [
  'select 1; call a()',
  'do $$ begin end $$',
  'lock table a',
  'truncate a',
  'select * into a from b',
  `select nextval('a')`,
  'select next value for a',
  'set constraints all immediate',
  'set statement tx_isolation = 1 for select * from a',
  `select set_config('default_transaction_isolation', 'serializable', false)`,
  'select set_config($1, $2, false)',
  `select 'it\\'s' from a where b = ' from c '`,
  `select 1 # it's\n from a`,
  'select 5--1 from a',
  'select 1 /*! from a */',
  'select 1 /* /* */ from a */',
  `select 'open`,
]

test('of what it does not know, or what the servers read differently, it says so', () => {
  for (const text of unknown) assert.deepEqual(readStatement(text), opaque, text)
})

test("onerow's own statements all name the table", () => {
  const snapshot = readFileSync(
    new URL('../../onerow/test/dialects/sql-text.test.ts.snapshot', import.meta.url),
    'utf8',
  ).replaceAll(/\\([\\`$])/g, '$1')
  const texts = snapshot
    .split(/^(?:-- (\w+)[^\n]*|exports.*|`;)$/m)
    .flatMap((text, index, parts) => (index % 2 === 0 ? [{ name: parts[index - 1], text: text.trim() }] : []))
    .filter(({ name, text }) => name && !['keySql', 'isNullKey'].includes(name) && text.includes('account'))
  assert.ok(texts.length > 50, String(texts.length))
  for (const { text } of texts) {
    const command = readStatement(text)
    assert.ok(command.kind === 'query' && command.reads.has('account'), text)
    const writes =
      /^(insert|set statement|update)|for update|for no key update|lock in share mode|on conflict/im.test(
        text,
      )
    assert.equal(command.writes.has('account'), writes, text)
  }
})

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).map((text) => `t_${text}`)
const written = name.chain((table) =>
  fc
    .constantFrom(
      table,
      `"${table}"`,
      `\`${table}\``,
      `public.${table}`,
      `"public" . "${table}"`,
      `only ${table}`,
    )
    .map((text) => ({ table, text })),
)
const space = fc.constantFrom(' ', '\n', '  ', ' /* from a */ ', " -- it's from b\n")
const nested = fc.letrec<{ source: { tables: readonly string[]; text: string } }>((tie) => ({
  source: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(written, fc.constantFrom('', ' as x', ' x', ' as x (c1, c2)'))
      .map(([{ table, text }, alias]) => ({
        tables: [table],
        text: text + alias,
      })),
    fc
      .tuple(
        tie('source'),
        fc.constantFrom(', ', ' join ', ' left join lateral ', ' cross join '),
        tie('source'),
      )
      .map(([a, by, b]) => ({ tables: [...a.tables, ...b.tables], text: a.text + by + b.text })),
    tie('source').map(({ tables, text }) => ({ tables, text: `(${text})` })),
    tie('source').map(({ tables, text }) => ({
      tables,
      text: `(select a, b from ${text} where c = ' from d, e') as y`,
    })),
    fc.tuple(tie('source'), tie('source')).map(([a, b]) => ({
      tables: [...a.tables, ...b.tables],
      text: `${a.text} join t_z on exists (select from ${b.text} limit 1)`,
    })),
  ),
})).source

test('however tables are joined, nested, quoted and commented, it finds each', () => {
  fc.assert(
    fc.property(
      nested,
      space,
      fc.constantFrom(
        'select * from ',
        'delete from t_a using ',
        'insert into t_a select 1 from ',
        'update t_a set b = 1 from ',
      ),
      ({ tables, text }, between, start) => {
        const command = readStatement((start + text).replaceAll(/ (?=(?:[^']*'[^']*')*[^']*$)/g, between))
        assert.ok(command.kind === 'query')
        for (const table of tables) {
          assert.ok(command.reads.has(table), table)
          assert.equal(command.writes.has(table), !start.startsWith('select'))
        }
      },
    ),
    { seed: 6, numRuns: 500 },
  )
})
