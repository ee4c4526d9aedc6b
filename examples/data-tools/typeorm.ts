import { getOrCreate, uniqueKey } from 'onerow'
import { fromTypeOrm, typeOrmTable } from 'onerow/typeorm'
import { DataSource, EntitySchema, QueryFailedError } from 'typeorm'
import type { Account, DataTool } from './data-tool.ts'

const account = new EntitySchema<Account>({
  name: 'Account',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    email: { type: String },
    name: { type: String },
  },
})
const name = 'Ada'

export const typeOrmTool: DataTool = {
  name: 'TypeORM 1.1.1',
  async open(url, poolSize) {
    const dataSource = await new DataSource({
      type: 'postgres',
      url,
      poolSize,
      connectTimeoutMS: 5000,
      entities: [account],
      logging: false,
    }).initialize()
    const accounts = dataSource.getRepository(account)
    const byEmail = uniqueKey(typeOrmTable(accounts), ['email'], { name: 'account_email' })
    const findOrSave = async (email: string) => {
      const row = await accounts.findOneBy({ email })
      return row
        ? { row, created: false }
        : { row: await accounts.save(accounts.create({ email, name })), created: true }
    }
    return {
      onerow: (email) =>
        getOrCreate(fromTypeOrm(dataSource), byEmail, { where: { email }, create: { name } }),
      own: {
        'findOneBy, then save': findOrSave,
        'findOneBy, then save, and findOneBy again on 23505': async (email) => {
          try {
            return await findOrSave(email)
          } catch (error) {
            // QueryFailedError has the fields of the driver's error, but not in its type.
            if (!(error instanceof QueryFailedError && 'code' in error && error.code === '23505')) throw error
            return { row: await accounts.findOneByOrFail({ email }), created: false }
          }
        },
        'upsert, then findOneByOrFail': async (email) => {
          await accounts.upsert({ email, name }, ['email'])
          return { row: await accounts.findOneByOrFail({ email }), created: undefined }
        },
        'insert().orIgnore(), then findOneByOrFail': async (email) => {
          await accounts.createQueryBuilder().insert().values({ email, name }).orIgnore().execute()
          return { row: await accounts.findOneByOrFail({ email }), created: undefined }
        },
        'insert().orUpdate() with returning': async (email) => {
          const { raw } = await accounts
            .createQueryBuilder()
            .insert()
            .values({ email, name })
            .orUpdate(['name'], ['email'])
            .returning('*')
            .execute()
          // `raw` is any: what PostgreSQL returned.
          const [row] = raw as readonly Account[]
          if (!row) throw new TypeError('INSERT … RETURNING returned nothing.')
          return { row, created: undefined }
        },
      },
      close: () => dataSource.destroy(),
    }
  },
}
