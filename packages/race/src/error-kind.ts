import { isError } from './is-error.ts'

/** What an error is counted as: its own `kind`, as onerow's errors have one; the database's code and words, however deep a data tool has wrapped them; else the first line. */
export function errorKind(error: unknown): string {
  const [outer, ...inner] = withCauses(error)
  if (!outer) return String(error)
  if ('kind' in outer && typeof outer.kind === 'string') return outer.kind
  const coded = inner.findLast((each) => codeOf(each) !== undefined) ?? outer
  const [line = ''] = coded.message.split('\n').flatMap((each) => each.trim() || [])
  return withCode(codeOf(coded), line)
}

/** Node's own errors say theirs already. */
export function withCode(code: string | undefined, text: string): string {
  return code === undefined || text.startsWith(`${code}:`) ? text : `${code}: ${text}`
}

/** The error, its cause, and so on. Sequelize keeps the driver's error as `original`. */
function withCauses(error: unknown): readonly Error[] {
  const errors: Error[] = []
  let next = error
  while (isError(next) && !errors.includes(next)) {
    errors.push(next)
    next = 'original' in next ? next.original : next.cause
  }
  return errors
}

/** As the database, or Node, calls it. */
export function codeOf(error: object): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
