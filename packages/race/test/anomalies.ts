export type Query = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** A transaction: answers what it has seen that matters. */
export type Work = (query: Query) => Promise<unknown>

export interface Case {
  readonly actors: Readonly<Record<string, Work>>
  /** Whether it has happened, by what those saw who have committed, and what is left by id. */
  readonly isSeen: (seen: ReadonlyMap<string, unknown>, left: Readonly<Record<number, number>>) => boolean
}

const set =
  (...changes: readonly (readonly [id: number, value: number])[]): Work =>
  async (query) => {
    for (const [id, value] of changes) await query(`update test set value = ${value} where id = ${id}`)
  }

async function valueOf(query: Query, id: number): Promise<unknown> {
  const [row] = await query(`select value from test where id = ${id}`)
  return row?.['value']
}

const readBoth: Work = async (query) => [await valueOf(query, 1), await valueOf(query, 2)].join(' ')

class Abort extends Error {}

const skew =
  (own: number): Work =>
  async (query) => {
    const onCall = await query('select id from test where id in (1, 2) and value > 0')
    if (onCall.length === 2) await query(`update test set value = 0 where id = ${own}`)
  }

const skewByPredicate =
  (id: number): Work =>
  async (query) => {
    const multiples = await query('select id from test where value % 3 = 0')
    if (multiples.length === 0) await query(`insert into test (id, value) values (${id}, 30)`)
  }

const increase: Work = async (query) => {
  const value = Number(await valueOf(query, 1))
  await query(`update test set value = ${value + 1} where id = 1`)
}

/**
 * The anomalies of Hermitage (M. Kleppmann, https://github.com/ept/hermitage), as functions and as what must not come of them. The
 * table has 10 at 1 and 20 at 2.
 */
export const anomalies = {
  'G0, dirty write': {
    actors: { t1: set([1, 11], [2, 21]), t2: set([1, 12], [2, 22]) },
    isSeen: (_, left) => !['10 20', '11 21', '12 22'].includes(`${left[1]} ${left[2]}`),
  },
  'G1a, aborted read': {
    actors: {
      t1: async (query) => {
        await set([1, 101])(query)
        throw new Abort()
      },
      t2: (query) => valueOf(query, 1),
    },
    isSeen: (seen) => seen.get('t2') === 101,
  },
  'G1b, intermediate read': {
    actors: { t1: set([1, 101], [1, 11]), t2: (query) => valueOf(query, 1) },
    isSeen: (seen) => seen.get('t2') === 101,
  },
  'G1c, circular information flow': {
    actors: {
      t1: async (query) => {
        await set([1, 11])(query)
        return valueOf(query, 2)
      },
      t2: async (query) => {
        await set([2, 22])(query)
        return valueOf(query, 1)
      },
    },
    isSeen: (seen) => seen.get('t1') === 22 && seen.get('t2') === 11,
  },
  'OTV, observed transaction vanishes': {
    actors: {
      t1: (query) => query('update test set value = case id when 1 then 11 else 19 end'),
      t2: set([1, 12], [2, 18]),
      t3: readBoth,
    },
    // It has seen the first change of a transaction, and then not the second, nor what came after that.
    isSeen: (seen, left) => {
      const both = String(seen.get('t3'))
      return ['12 20', '11 20'].includes(both) || both === (left[2] === 18 ? '12 19' : '11 18')
    },
  },
  'PMP, predicate-many-preceders': {
    actors: {
      t1: async (query) => {
        const before = await query('select * from test where value = 30')
        const later = await query('select * from test where value % 3 = 0')
        return later.length - before.length
      },
      t2: (query) => query('insert into test (id, value) values (3, 30)'),
    },
    isSeen: (seen) => seen.get('t1') === 1,
  },
  'PMP, for write predicates': {
    actors: {
      t1: (query) => query('update test set value = value + 10'),
      t2: async (query) => {
        const found = await query('select id from test where value = 20')
        await query('delete from test where value = 20')
        return found.map(({ id }) => id)
      },
    },
    // It has deleted something else than it has found.
    isSeen: (seen, left) => [seen.get('t2') ?? []].flat().some((id) => left[Number(id)] !== undefined),
  },
  'P4, lost update': {
    actors: { t1: increase, t2: increase },
    isSeen: (seen, left) => left[1] !== 10 + seen.size,
  },
  'G-single, read skew': {
    actors: { t1: readBoth, t2: set([1, 12], [2, 18]) },
    isSeen: (seen) => ['10 18', '12 20'].includes(String(seen.get('t1'))),
  },
  'G-single, on a write predicate': {
    actors: {
      t1: async (query) => {
        const first = await valueOf(query, 1)
        await query('delete from test where value = 20')
        return first === 10 && (await valueOf(query, 2)) !== undefined
      },
      t2: set([1, 12], [2, 18]),
    },
    isSeen: (seen) => seen.get('t1') === true,
  },
  'G2-item, write skew: nobody is on call': {
    actors: { t1: skew(1), t2: skew(2) },
    isSeen: (_, left) => left[1] === 0 && left[2] === 0,
  },
  'G2, write skew by a predicate': {
    actors: { t1: skewByPredicate(3), t2: skewByPredicate(4) },
    isSeen: (_, left) => left[3] === 30 && left[4] === 30,
  },
} as const satisfies Readonly<Record<string, Case>>

export type Anomaly = keyof typeof anomalies
