import type { DataTool } from './data-tool.ts'
import { drizzleTool } from './drizzle.ts'
import { knexTool } from './knex.ts'
import { kyselyTool } from './kysely.ts'
import { mikroOrmTool } from './mikro-orm.ts'
import { pgTool } from './pg.ts'
import { prismaTool } from './prisma.ts'
import { sequelizeTool } from './sequelize.ts'
import { typeOrmTool } from './typeorm.ts'

/** Every data tool of the contest. A new one is one more entry. */
export const dataTools: readonly DataTool[] = [
  prismaTool,
  drizzleTool,
  typeOrmTool,
  sequelizeTool,
  mikroOrmTool,
  kyselyTool,
  knexTool,
  pgTool,
]
