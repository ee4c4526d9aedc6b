import createKnex from 'knex'
import { findOrInsert } from '../contestant.ts'
import type { NodeContestant } from '../contestant.ts'
import type { Item } from '../item-table.ts'

export const contestants: readonly NodeContestant[] = [
  {
    name: 'Knex: first and onConflict ignore',
    kind: 'by hand',
    safe: true,
    async open(connection, connections) {
      const knex = createKnex({ client: 'pg', connection, pool: { min: connections, max: connections } })
      return {
        getOrCreate: findOrInsert(
          (owner, kind) => knex<Item>('item').where({ owner, kind }).first(),
          async (owner, kind, label) => {
            const [row] = await knex<Item>('item')
              .insert({ owner, kind, label })
              .onConflict(['owner', 'kind'])
              .ignore()
              .returning('*')
            return row
          },
        ),
        close: () => knex.destroy(),
      }
    },
  },
]
