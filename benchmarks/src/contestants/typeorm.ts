import { DataSource, EntitySchema } from 'typeorm'
import type { InsertResult, Repository } from 'typeorm'
import { findOrInsert, only } from '../contestant.ts'
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
    name: 'TypeORM: upsert',
    kind: 'own',
    isOrm: true,
    safe: true,
    main: true,
    note: 'overwrites the row that is there',
    open: onTypeOrm((items) => async (owner, kind, label) => {
      const options = { conflictPaths: ['owner', 'kind'], returning: '*' }
      return only(returned(await items.upsert({ owner, kind, label }, options)))
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
          return returned(await inserting.returning('*').execute())[0]
        },
      ),
    ),
  },
]

/** `raw` is any: what PostgreSQL returned. */
function returned({ raw }: InsertResult): readonly Item[] {
  return raw as readonly Item[]
}

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
