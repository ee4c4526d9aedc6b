import { DataSource, EntitySchema } from 'typeorm'
import type { Repository } from 'typeorm'
import { findOrInsert } from '../contestant.ts'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'
import type { Item } from '../item-table.ts'
import { poolOf } from './open-pool.ts'

const item = new EntitySchema<Item>({
  name: 'Item',
  tableName: 'item',
  columns: {
    id: { type: 'integer', primary: true, generated: 'increment' },
    owner: { type: 'integer' },
    kind: { type: 'text' },
    label: { type: 'text' },
  },
})

export const contestants: readonly NodeContestant[] = [
  {
    name: 'TypeORM: upsert, findOneByOrFail',
    kind: 'own',
    isOrm: true,
    safe: true,
    main: true,
    note: 'its upsert does not give the row back',
    open: onTypeOrm((items) => async (owner, kind, label) => {
      await items.upsert({ owner, kind, label }, ['owner', 'kind'])
      return items.findOneByOrFail({ owner, kind })
    }),
  },
  {
    name: 'TypeORM: findOneBy and orIgnore',
    kind: 'by hand',
    isOrm: true,
    safe: true,
    open: onTypeOrm((items) =>
      findOrInsert(
        (owner, kind) => items.findOneBy({ owner, kind }),
        async (owner, kind, label) => {
          const inserting = items.createQueryBuilder().insert().values({ owner, kind, label }).orIgnore()
          const { raw } = await inserting.returning('*').execute()
          // `raw` is any: what PostgreSQL returned.
          return (raw as readonly Item[])[0]
        },
      ),
    ),
  },
]

function onTypeOrm(call: (items: Repository<Item>) => GetOrCreate): NodeContestant['open'] {
  return async (url, connections) => {
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      extra: poolOf(connections),
      entities: [item],
    })
    await dataSource.initialize()
    return { getOrCreate: call(dataSource.getRepository(item)), close: () => dataSource.destroy() }
  }
}
