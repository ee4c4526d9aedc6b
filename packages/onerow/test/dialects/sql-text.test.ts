import { test } from 'node:test'
import { expression, keySql, lower, table, uniqueKey } from 'onerow'
import type { Dialect, KeyDefinition } from 'onerow'
import { mariadb, mysql } from 'onerow/mysql'
import { postgres } from 'onerow/postgres'
import { sqlite } from 'onerow/sqlite'
import type { Shape, Template } from '../../src/dialect.ts'

// The text of every statement, once for each dialect: sql-text.test.ts.snapshot is the table. After a change that is
// meant, write it anew with `npm run snapshots`, and read the difference.

interface Account {
  readonly id: number
  readonly email: string
  readonly team: string | null
  readonly state: string
  readonly closedAt: string | null
}

const accounts = table<Account>('account', {
  schema: 'app',
  columns: { id: 'id', email: 'email', team: 'team', state: 'state', closedAt: 'closed_at' },
})

const keys: Readonly<Record<string, KeyDefinition>> = {
  'one column': uniqueKey(accounts, ['email'], { name: 'account_email' }),
  conditional: uniqueKey(accounts, ['email', 'team'], {
    name: 'account_open',
    condition: { state: ['new', "it's"], closedAt: null },
  }),
  'on expressions': uniqueKey(
    accounts,
    [lower('email'), expression('team', (team) => `coalesce(${team}, '-')`)],
    {
      name: 'account_expressions',
    },
  ),
  'NULLs equal': uniqueKey(accounts, ['email', 'team'], { name: 'account_nulls_equal', nulls: 'equal' }),
}

function shapeOf(key: KeyDefinition, isList: boolean): Shape {
  const column = (property: string) => accounts.columns.filter((candidate) => candidate.property === property)
  return {
    key,
    arbiter: {
      index: key.name,
      columns: ['c1', 'c2', 'c3', 'c4'],
      proof: 'c1,c2',
      ...(key.condition.length > 0 && {
        identity: { schema: 'public', name: key.name, oid: '16390', tableOid: '16384' },
      }),
    },
    nullColumns: key.nulls === 'equal' ? column('team') : [],
    insertColumns: accounts.columns.slice(1),
    updateColumns: [...column('state'), ...column('closedAt')],
    touchedColumns: key.condition.length > 0 ? column('team') : [],
    rows: 2,
    impatient: isList && key.condition.length > 0,
    isAlone: !isList && key.condition.length > 0,
  }
}

function statementTexts(dialect: Dialect, key: KeyDefinition): string {
  const makers: Record<string, (shape: Shape) => Template> = { ...dialect.statements }
  const texts = Object.entries(makers).map(([kind, make]) => {
    const { text, slots } = make(shapeOf(key, kind.endsWith('All')))
    const values = slots.map(
      ({ from, column, place = '' }, index) => `${index + 1}: ${from}${place}.${column.property}`,
    )
    return `-- ${kind} (${values.join(', ')})\n${text}`
  })
  return [`-- keySql\n${keySql(key, dialect)}`, ...texts].join('\n\n')
}

for (const dialect of [postgres, sqlite, mariadb, mysql]) {
  for (const [name, key] of Object.entries(keys)) {
    test(`${dialect.name}, ${name}`, (context) => {
      context.assert.snapshot(statementTexts(dialect, key), { serializers: [String] })
    })
  }
}
