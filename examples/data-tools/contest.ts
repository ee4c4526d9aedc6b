import { isOnerowError } from 'onerow'
import { escapeIdentifier } from 'pg'
import type { Pool } from 'pg'
import type { Answer, Ask, DataTool } from './data-tool.ts'

/** How 64 callers fared who asked for one fresh key at once. */
export interface Outcome {
  /** `created`, `found`, `answered` where the tool does not tell which, or an error in a word; how many callers each. */
  readonly told: Readonly<Record<string, number>>
  /** How many different rows they were given. */
  readonly given: number
  /** How many rows the table has then: more than one are duplicates. */
  readonly rows: number
}

export interface Round extends Outcome {
  readonly tool: string
  readonly call: string
  readonly connections: number
  readonly unique: boolean
}

export const callers = 64

/** How long a call may take before it is counted as hanging, in milliseconds. */
const patience = 20_000

/** A tool's own calls and onerow's, through pools of several sizes, with the unique index and without. */
export async function contest(
  pool: Pool,
  url: string,
  tool: DataTool,
  poolSizes: readonly number[] = [10, 1],
): Promise<readonly Round[]> {
  const rounds: Round[] = []
  for (const connections of poolSizes) {
    for (const unique of [true, false]) {
      // Opened anew for each, so that what one call leaves in the pool is not the next one's trouble.
      for (const call of await callsOf(tool, url)) {
        await createTable(pool, unique)
        const opened = await tool.open(url, connections)
        const ask = call === 'onerow' ? opened.onerow : opened.own[call]
        if (!ask) throw new TypeError(`${tool.name} has no call "${call}".`)
        const told = await askAtOnce(ask)
        const { rows } = await pool.query('select from account')
        rounds.push({ tool: tool.name, call, connections, unique, ...told, rows: rows.length })
        await closed(opened.close())
      }
    }
  }
  return rounds
}

async function callsOf(tool: DataTool, url: string): Promise<readonly string[]> {
  const opened = await tool.open(url, 1)
  await opened.close()
  return [...Object.keys(opened.own), 'onerow']
}

async function createTable(pool: Pool, unique: boolean): Promise<void> {
  await pool.query('drop table if exists account')
  await pool.query('create table account (id serial primary key, email text not null, name text not null)')
  if (unique) await pool.query(`create unique index ${escapeIdentifier('account_email')} on account (email)`)
}

/** 64 calls that are sent before the first one can be answered. */
export async function askAtOnce(ask: Ask): Promise<Omit<Outcome, 'rows'>> {
  const ended = new AbortController()
  const late = timeout(patience, ended.signal)
  const words = await Promise.all(
    Array.from({ length: callers }, () => Promise.race([wordOf(ask('ada@example.com')), late])),
  )
  ended.abort()
  const told: Record<string, number> = {}
  const given = new Set<number>()
  for (const { word, id } of words) {
    told[word] = (told[word] ?? 0) + 1
    if (id !== undefined) given.add(id)
  }
  return { told, given: given.size }
}

interface Told {
  readonly word: string
  readonly id?: number
}

async function wordOf(call: Promise<Answer>): Promise<Told> {
  try {
    const { row, created } = await call
    const word = created === undefined ? 'answered' : created ? 'created' : 'found'
    return { word, id: row.id }
  } catch (error) {
    return { word: errorWord(error) }
  }
}

/** An error in a word: onerow's `kind`, or the name that the tool gives it, and the code of it or of what it wraps. */
function errorWord(error: unknown): string {
  if (isOnerowError(error)) return error.kind
  if (!(error instanceof Error)) return String(error)
  const code =
    codeOf(error) ?? codeOf(error.cause) ?? ('original' in error ? codeOf(error.original) : undefined)
  return code === undefined ? error.name : `${error.name} ${code}`
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function timeout(milliseconds: number, signal: AbortSignal): Promise<Told> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ word: `no answer in ${milliseconds / 1000} s` }), milliseconds)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}

/** A pool that hangs does not end either. */
async function closed(close: Promise<void>): Promise<void> {
  const ended = new AbortController()
  await Promise.race([close, timeout(5000, ended.signal)])
  ended.abort()
}
