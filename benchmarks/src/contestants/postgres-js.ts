import { getOrCreate } from 'onerow'
import { fromPostgresJs } from 'onerow/postgres-js'
import postgres from 'postgres'
import type { NodeContestant } from '../contestant.ts'
import { itemKey } from './item-key.ts'

export const contestants: readonly NodeContestant[] = [
  {
    name: 'postgres.js: onerow',
    kind: 'onerow',
    safe: true,
    main: true,
    async open(url, connections) {
      const sql = postgres(url, { max: connections })
      return {
        async getOrCreate(owner, kind, label) {
          const values = { where: { owner, kind }, create: { label } }
          return (await getOrCreate(fromPostgresJs(sql), itemKey, values)).row
        },
        close: () => sql.end(),
      }
    },
  },
]
