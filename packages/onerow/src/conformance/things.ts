import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import type { Engine } from './engine.ts'

interface Thing {
  readonly id: number
  readonly value: unknown
}

/** Makes an empty table with one column of this type beside the primary key. */
export async function createThings(engine: Engine, type: string) {
  const name = engine.uniqueName('thing')
  await engine.execute(`create table ${name} (id ${engine.sql.types.id}, the_value ${type} not null)`)
  const things = table<Thing, { readonly id?: number; readonly value: unknown }>(name, {
    columns: { id: 'id', value: 'the_value' },
  })
  return {
    name,
    byId: uniqueKey(things, ['id'], { name: `${name}_pkey` }),
    byValue: uniqueKey(things, ['value'], { name: `${name}_value` }),
    /** Stores a value with the data tool alone. */
    store: (id: number, value: unknown) =>
      engine.execute(`insert into ${name} (id, the_value) values (${id}, ${engine.sql.placeholder(1)})`, [
        value,
      ]),
    /** What the data tool alone reads. */
    read: async (id: number) =>
      (await engine.execute(`select the_value from ${name} where id = ${id}`))[0]?.['the_value'],
  }
}
