import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'
import type { EntityManager } from '@mikro-orm/postgresql'
import { findOrInsert } from '../contestant.ts'
import type { NodeContestant, GetOrCreate } from '../contestant.ts'
import { poolOf } from './open-pool.ts'

const Item = defineEntity({
  name: 'Item',
  tableName: 'item',
  properties: {
    id: p.integer().primary(),
    owner: p.integer(),
    kind: p.text(),
    label: p.text(),
  },
})

// Each call on a fork of its own, as each request has one.
export const contestants: readonly NodeContestant[] = [
  {
    name: 'MikroORM: upsert',
    kind: 'own',
    isOrm: true,
    safe: true,
    main: true,
    note: 'leaves the row that is there as it is',
    open: onMikroOrm(
      (em) => (owner, kind, label) =>
        em
          .fork()
          .upsert(
            Item,
            { owner, kind, label },
            { onConflictFields: ['owner', 'kind'], onConflictAction: 'ignore' },
          ),
    ),
  },
  {
    name: 'MikroORM: findOne and insert, ignore',
    kind: 'by hand',
    isOrm: true,
    safe: true,
    open: onMikroOrm((em) =>
      findOrInsert(
        (owner, kind) => em.fork().findOne(Item, { owner, kind }),
        async (owner, kind, label) => {
          const inserting = em.fork().createQueryBuilder(Item).insert({ owner, kind, label })
          const { rows = [] } = await inserting
            .onConflict(['owner', 'kind'])
            .ignore()
            .returning('*')
            .execute('run')
          return rows[0]
        },
      ),
    ),
  },
]

function onMikroOrm(call: (em: EntityManager) => GetOrCreate): NodeContestant['open'] {
  return async (clientUrl, connections) => {
    const orm = new MikroORM({ clientUrl, entities: [Item], pool: poolOf(connections) })
    return { getOrCreate: call(orm.em), close: () => orm.close() }
  }
}
