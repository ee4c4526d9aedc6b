/** Every way in which a request can be refused: the status and the title of its kind (RFC 9457). */
export const problems = {
  'malformed-request': { status: 400, title: 'The request cannot be read.' },
  'cross-site': { status: 403, title: 'The request comes from a page of another site.' },
  'no-such-user': { status: 404, title: 'There is no such user.' },
  'no-such-document': { status: 404, title: 'There is no such document, or it was removed.' },
  'not-found': { status: 404, title: 'There is nothing at this address.' },
  'already-exists': { status: 409, title: 'The user already has this identity card.' },
  'too-large': { status: 413, title: 'The file is too large.' },
  'wrong-content': { status: 415, title: 'The file is not a PDF, JPEG or PNG.' },
  'wrong-host': { status: 421, title: 'The service does not answer to this host name.' },
  'missing-file': { status: 422, title: 'No file was chosen.' },
  'empty-file': { status: 422, title: 'The file is empty.' },
  'no-such-document-type': { status: 422, title: 'There is no such document type.' },
  'invalid-name': { status: 422, title: 'This cannot be a user name.' },
  'internal-error': { status: 500, title: 'The service failed. Nothing was stored.' },
  busy: { status: 503, title: 'Others are changing the same data. Try again.' },
} as const

export type ProblemKind = keyof typeof problems

/** A refusal, thrown where it is found and answered as `application/problem+json`. */
export class Problem extends Error {
  readonly kind: ProblemKind
  /** Members of its own, beside RFC 9457's. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(kind: ProblemKind, detail?: string, members: Readonly<Record<string, unknown>> = {}) {
    super(detail ?? problems[kind].title)
    this.kind = kind
    this.members = members
  }
}

export function problemResponse({ kind, message, members }: Problem): Response {
  const { status, title } = problems[kind]
  const body = { type: `/problems/${kind}`, status, title, detail: message, ...members }
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } })
}
