import { Hono, type Context } from 'hono'
import type { Pool } from 'pg'
import { z } from 'zod'

import { addDocument } from './add-document.ts'
import { documentTypes, isIdentityCardType, type DocumentType } from './document-types.ts'
import { attachment } from './file-name.ts'
import { limitBody } from './limit-body.ts'
import { Problem, type ProblemKind } from './problem.ts'
import { documentsOf, downloadOf } from './read-documents.ts'
import { removeDocument } from './remove-document.ts'
import { putIdentityCard, replaceFile } from './replace-document.ts'
import type { Document } from './tables.ts'
import { bodyLimit, checkedDocumentType, readDocumentUpload, readUpload, tooLarge } from './upload.ts'
import { addUser, invalidName, readUsers, requireUser } from './users.ts'
import { runWrongWay } from './wrong-way.ts'

/** The JSON interface. Refusals are thrown as `Problem`s. */
export function api(pool: Pool): Hono {
  const app = new Hono()
  userRoutes(app, pool)
  documentRoutes(app, pool)
  app.post('/wrong-way', async (c) => c.json(await runWrongWay(pool)))
  return app
}

function userRoutes(app: Hono, pool: Pool): void {
  app.get('/users', async (c) => c.json({ users: await readUsers(pool) }))

  app.post('/users', limitBody(4096, invalidName), async (c) => {
    const { row, created } = await addUser(pool, await readJson(c))
    return c.json(row, created ? 201 : 200)
  })

  app.get('/users/:id/documents', async (c) => {
    const userId = await userIdOf(c, pool)
    return c.json({ documents: await documentsOf(pool, userId) })
  })

  app.post('/users/:id/documents', limitBody(bodyLimit, tooLarge), async (c) => {
    const userId = await userIdOf(c, pool)
    const { documentType, upload } = await readDocumentUpload(c.req.raw)
    const strict = c.req.query('strict') === '1'
    const { row, created } = await addDocument(pool, { userId, documentType, upload, strict })
    return answer(c, row, created)
  })

  app.put('/users/:id/documents/:type', limitBody(bodyLimit, tooLarge), async (c) => {
    const userId = await userIdOf(c, pool)
    const documentType = checkedDocumentType(c.req.param('type'))
    if (!isIdentityCardType(documentType)) throw notOne(documentType)
    const upload = await readUpload(c.req.raw)
    const { row, created } = await putIdentityCard(pool, { userId, documentType, upload })
    return answer(c, row, created)
  })
}

function documentRoutes(app: Hono, pool: Pool): void {
  app.put('/documents/:id/file', limitBody(bodyLimit, tooLarge), async (c) => {
    const id = idOf(c, 'no-such-document')
    const row = await replaceFile(pool, id, await readUpload(c.req.raw))
    if (!row) throw new Problem('no-such-document')
    return answer(c, row, false)
  })

  app.delete('/documents/:id', async (c) => {
    const removed = await removeDocument(pool, idOf(c, 'no-such-document'))
    if (!removed) throw new Problem('no-such-document')
    return c.body(null, 204)
  })

  app.get('/documents/:id/file', async (c) => {
    const download = await downloadOf(pool, idOf(c, 'no-such-document'))
    if (!download) throw new Problem('no-such-document')
    return c.body(download.bytes, 200, {
      'content-type': download.mediaType,
      'content-disposition': attachment(download.fileName),
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })
}

function answer(c: Context, document: Document, created: boolean): Response {
  const { id, userId, documentType, fileName, fileSha256: sha256, createdAt, updatedAt } = document
  const location = `/api/documents/${id}/file`
  const body = { id, userId, documentType, fileName, sha256, createdAt, updatedAt }
  return c.json(body, created ? 201 : 200, { location })
}

/** Ids count up from 1 and are PostgreSQL integers. */
const id = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number)

function idOf(c: Context, absent: ProblemKind): number {
  const { data } = id.safeParse(c.req.param('id'))
  if (data === undefined) throw new Problem(absent)
  return data
}

async function userIdOf(c: Context, pool: Pool): Promise<number> {
  const userId = idOf(c, 'no-such-user')
  await requireUser(pool, userId)
  return userId
}

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json<unknown>()
  } catch {
    throw new Problem('malformed-request', 'Send JSON.')
  }
}

function notOne(type: DocumentType): Problem {
  const { name } = documentTypes[type]
  return new Problem('no-such-document', `${name}: a user may have many, so say which one to replace.`)
}
