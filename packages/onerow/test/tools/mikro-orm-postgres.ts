import { MikroORM } from '@mikro-orm/postgresql'
import { testDatabase } from '@onerow/servers'

type Entities = ConstructorParameters<typeof MikroORM>[0]['entities']

/** A MikroORM on a database of its own, with the tables of these entities. */
export async function openPostgres(entities: Entities) {
  const database = await testDatabase({ name: 'mikro_orm_schema' })
  const orm = new MikroORM({ entities: entities ?? [], clientUrl: database.url })
  await orm.schema.create()
  return {
    orm,
    fork: () => orm.em.fork(),
    async [Symbol.asyncDispose]() {
      await orm.close()
      await database.drop()
    },
  }
}
