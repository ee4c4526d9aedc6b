import { testDatabase } from '@onerow/servers'
import type { Pool } from 'pg'

import type { DocumentType } from '../src/document-types.ts'
import { openPool } from '../src/open-pool.ts'
import type { DocumentOnFile } from '../src/read-documents.ts'
import { startService } from '../src/service.ts'
import { pdf } from './samples.ts'

/** The service on a database of its own, over HTTP. */
export interface TestService extends AsyncDisposable {
  readonly url: string
  readonly pool: Pool
  /** Sends a request to a path of the service. */
  send(path: string, options?: RequestInit): Promise<Response>
  /** Adds a user with nothing on file. Returns the id. */
  addUser(name: string): Promise<number>
  upload(upload: TestUpload): Promise<Response>
  onFile(userId: number): Promise<readonly DocumentOnFile[]>
  /** How many rows each table of files and documents has, removed documents apart. */
  counts(): Promise<{ readonly files: number; readonly contents: number; readonly documents: number }>
}

export interface TestUpload {
  readonly userId: number | string
  readonly type?: DocumentType
  readonly content?: Buffer
  readonly name?: string
  readonly strict?: boolean
}

export async function testService({ connections = 20 } = {}): Promise<TestService> {
  const stack = new AsyncDisposableStack()
  const database = stack.use(await testDatabase({ name: 'documents' }))
  const { pool } = stack.use(openPool(database.url, connections))
  const options = { host: '127.0.0.1', port: 0, loopbackOnly: true }
  const { url } = stack.adopt(await startService(pool, options), (service) => service.stop())
  const send = (path: string, options?: RequestInit): Promise<Response> => fetch(url + path, options)
  return {
    url,
    pool,
    send,
    addUser: async (name) => (await json<{ id: number }>(await send('/api/users', jsonBody({ name })))).id,
    upload: ({ userId, type = 'PAN_CARD', content = pdf(), name = 'card.pdf', strict = false }) =>
      send(`/api/users/${userId}/documents${strict ? '?strict=1' : ''}`, {
        method: 'POST',
        body: fileForm(content, name, type),
      }),
    onFile: async (userId) => {
      const response = await send(`/api/users/${userId}/documents`)
      return (await json<{ documents: DocumentOnFile[] }>(response)).documents
    },
    counts: async () => {
      const { rows } = await pool.query(`
select (select count(*)::integer from documents.file) as files,
  (select count(*)::integer from documents.file_content) as contents,
  (select count(*)::integer from documents.document where deleted_at is null) as documents`)
      return rows[0]
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export function fileForm(content: Buffer, name: string, documentType?: string): FormData {
  const form = new FormData()
  if (documentType !== undefined) form.set('documentType', documentType)
  form.set('file', new File([new Uint8Array(content)], name))
  return form
}

export function jsonBody(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** The body of an answer, which the caller knows the shape of. */
export async function json<Body>(response: Response): Promise<Body> {
  return (await response.json()) as Body
}
