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
    open: onMikroOrm(
      (em) =>
        (...values) =>
          upsert(em.fork(), ...values),
    ),
  },
  {
    name: 'MikroORM: findOne and upsert',
    kind: 'by hand',
    isOrm: true,
    safe: true,
    open: onMikroOrm((em) =>
      findOrInsert(
        (owner, kind) => em.fork().findOne(Item, { owner, kind }),
        (...values) => upsert(em.fork(), ...values),
      ),
    ),
  },
]

/** Leaves a row as it is that is there already. */
function upsert(em: EntityManager, owner: number, kind: string, label: string) {
  return em.upsert(
    Item,
    { owner, kind, label },
    { onConflictFields: ['owner', 'kind'], onConflictAction: 'ignore' },
  )
}

function onMikroOrm(call: (em: EntityManager) => GetOrCreate): NodeContestant['open'] {
  return async (clientUrl, connections) => {
    const orm = new MikroORM({ clientUrl, entities: [Item], pool: poolOf(connections) })
    return { getOrCreate: call(orm.em), close: () => orm.close() }
  }
}
