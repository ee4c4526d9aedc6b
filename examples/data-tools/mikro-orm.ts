import { MikroORM, UniqueConstraintViolationException, defineEntity, p } from '@mikro-orm/postgresql'
import { getOrCreate, uniqueKey } from 'onerow'
import { fromMikroOrm, mikroOrmTable } from 'onerow/mikro-orm'
import type { DataTool } from './data-tool.ts'

const Account = defineEntity({
  name: 'Account',
  properties: { id: p.integer().primary(), email: p.string(), name: p.string() },
})
const name = 'Ada'

export const mikroOrmTool: DataTool = {
  name: 'MikroORM 7.2.1',
  async open(clientUrl, max) {
    const orm = new MikroORM({
      clientUrl,
      entities: [Account],
      pool: { max },
      // MikroORM takes the address from a URL, and leaves its parameters: pg takes them all.
      driverOptions: { connectionString: clientUrl, connectionTimeoutMillis: 5000 },
    })
    const byEmail = uniqueKey(mikroOrmTable(orm.em.getRepository(Account)), ['email'], {
      name: 'account_email',
    })
    const findOrCreate = async (email: string) => {
      const em = orm.em.fork()
      const found = await em.findOne(Account, { email })
      if (found) return { row: found, created: false }
      const row = em.create(Account, { email, name })
      await em.flush()
      return { row, created: true }
    }
    // Each call on a fork of its own, as each request has one.
    return {
      onerow: (email) =>
        getOrCreate(fromMikroOrm(orm.em.fork()), byEmail, { where: { email }, create: { name } }),
      own: {
        'findOne, then create and flush': findOrCreate,
        'findOne, then create and flush, and findOne again on 23505': async (email) => {
          try {
            return await findOrCreate(email)
          } catch (error) {
            if (!(error instanceof UniqueConstraintViolationException)) throw error
            return { row: await orm.em.fork().findOneOrFail(Account, { email }), created: false }
          }
        },
        upsert: async (email) => {
          const row = await orm.em.fork().upsert(Account, { email, name }, { onConflictFields: ['email'] })
          return { row, created: undefined }
        },
        'upsert, onConflictAction ignore': async (email) => {
          const row = await orm.em
            .fork()
            .upsert(Account, { email, name }, { onConflictFields: ['email'], onConflictAction: 'ignore' })
          return { row, created: undefined }
        },
      },
      close: () => orm.close(),
    }
  },
}
