import { readFileSync } from 'node:fs'

import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { isOnerowError } from 'onerow'
import type { Pool } from 'pg'

import { api } from './api.ts'
import { documentTypes } from './document-types.ts'
import { requireLoopbackHost, requireSameSite } from './guard.ts'
import { renderPage } from './page.ts'
import { Problem, problemResponse, problems } from './problem.ts'
import { documentsOf } from './read-documents.ts'
import type { Document } from './tables.ts'
import { readUsers } from './users.ts'

export interface AppOptions {
  readonly pool: Pool
  /** Answer to the names of this machine only. */
  readonly loopbackOnly: boolean
}

/** The whole service, on a database whose schema is there. */
export function createApp({ pool, loopbackOnly }: AppOptions): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(safeHeaders))
      if (!c.res.headers.has(name)) c.header(name, value)
  })
  if (loopbackOnly) app.use(requireLoopbackHost)
  app.use(requireSameSite)
  app.route('/api', api(pool))
  pageRoutes(app, pool)
  app.notFound(() => problemResponse(new Problem('not-found')))
  app.onError((error) => problemResponse(toProblem(error)))
  return app
}

function pageRoutes(app: Hono, pool: Pool): void {
  app.get('/', async (c) => {
    const users = await readUsers(pool)
    const asked = c.req.query('user')
    const user = asked === undefined ? users[0] : users.find(({ id }) => String(id) === asked)
    const documents = user ? await documentsOf(pool, user.id) : []
    return c.html(renderPage({ users, user, documents }), asked !== undefined && !user ? 404 : 200)
  })
  app.get('/page.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
  app.get('/page.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/icon.svg', (c) => c.body(icon, 200, { 'content-type': 'image/svg+xml' }))
  app.get('/problems/:kind', (c) => {
    const problem = Object.entries(problems).find(([kind]) => kind === c.req.param('kind'))?.[1]
    return problem ? c.text(`${problem.status}: ${problem.title}\n`) : c.notFound()
  })
}

const script = readPublic('page.js')
const style = readPublic('page.css')
const icon = readPublic('icon.svg')

function readPublic(name: string): string {
  return readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8')
}

const safeHeaders = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

function toProblem(error: Error): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status < 500) return new Problem('malformed-request')
  if (isOnerowError(error)) {
    // The only key that is called in its strict form is the identity card's.
    if (error.kind === 'already-exists') return cardExists(error.row as Document)
    if (error.retryable) return new Problem('busy')
  }
  console.error(error)
  return new Problem('internal-error')
}

function cardExists({ id, documentType, fileName, createdAt }: Document): Problem {
  const { article, name } = documentTypes[documentType]
  const document = { id, documentType, fileName, createdAt, href: `/api/documents/${id}/file` }
  return new Problem('already-exists', `This user already has ${article} ${name}.`, { document })
}
