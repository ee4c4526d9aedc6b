import type { Isolation, OpenSessions, Relations, Wait } from '../sessions.ts'
import { relationsOf } from './relations.ts'

type Query = (
  text: string,
  values: readonly unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** What a driver of PostgreSQL leaves to its server. */
export type Server = Omit<OpenSessions, typeof Symbol.asyncDispose>

/**
 * Watches the locks of a PostgreSQL server.
 *
 * @param driver what reports call the driver
 * @param query runs a statement on a connection of its own
 */
export async function watchPostgres(driver: string, query: Query): Promise<Server> {
  const [settings] = await query(
    `select current_setting('server_version') as version, current_setting('default_transaction_isolation') as isolation`,
    [],
  )
  return {
    name: `${driver}, PostgreSQL ${String(settings?.['version'])}`,
    // PostgreSQL has no other levels.
    isolation: String(settings?.['isolation']) as Isolation,
    serializableBy: 'cycles',
    relations: await readRelations(query),
    waits: async (sessions) => (await query(blocked, [sessions])).map(toWait),
    kill: async (session) => {
      await query('select pg_cancel_backend($1)', [session])
    },
  }
}

/** As PostgreSQL's own isolation tests ask it (pg_isolation_test_session_is_blocked): locks, and safe snapshots. */
const blocked = `
select pid, blockers
from unnest($1::integer[]) as pid,
  lateral (select pg_blocking_pids(pid) || pg_safe_snapshot_blocking_pids(pid) as blockers) as waiting
where cardinality(blockers) > 0`

function toWait({ pid, blockers }: Readonly<Record<string, unknown>>): Wait {
  return { session: Number(pid), waitsFor: Array.isArray(blockers) ? [...new Set(blockers.map(Number))] : [] }
}

const foreignKeys = `
select child.relname as child, parent.relname as parent
from pg_constraint join pg_class as child on child.oid = conrelid join pg_class as parent on parent.oid = confrelid
where contype = 'f'`

/** Of views; of partitioned tables, and those that others inherit. */
const parts = `
select seen.relname as whole, base.relname as part
from pg_rewrite
join pg_depend on classid = 'pg_rewrite'::regclass and objid = pg_rewrite.oid and refclassid = 'pg_class'::regclass
join pg_class as seen on seen.oid = ev_class
join pg_class as base on base.oid = refobjid
where seen.oid <> base.oid and seen.relnamespace <> 'pg_catalog'::regnamespace
  and seen.relnamespace <> 'information_schema'::regnamespace
union
select parent.relname, child.relname
from pg_inherits join pg_class as child on child.oid = inhrelid join pg_class as parent on parent.oid = inhparent`

const opaque = `
select distinct relname as name
from pg_class
where exists (select from pg_trigger where tgrelid = pg_class.oid and not tgisinternal)
  or exists (select from pg_rewrite where ev_class = pg_class.oid and rulename <> '_RETURN')
  or exists (select from pg_constraint where conrelid = pg_class.oid and condeferrable)`

async function readRelations(query: Query): Promise<Relations> {
  return relationsOf({
    foreignKeys: (await query(foreignKeys, [])).map(({ child, parent }) => ({
      child: lower(child),
      parent: lower(parent),
    })),
    parts: (await query(parts, [])).map(({ whole, part }) => ({ whole: lower(whole), part: lower(part) })),
    opaque: new Set((await query(opaque, [])).map(({ name }) => lower(name))),
  })
}

const lower = (name: unknown) => String(name).toLowerCase()
