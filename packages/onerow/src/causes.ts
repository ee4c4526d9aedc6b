type Fields = Readonly<Record<string, unknown>>

/** Where data tools keep the driver's error that they have wrapped: the standard's `cause`; TypeORM; Sequelize; MikroORM. */
const wrapped = ['cause', 'driverError', 'original', 'previous'] as const

/** An error and what caused it, as a data tool wraps the error of its driver; not for ever, should the chain be a ring. */
export function* causes(error: unknown): Generator<Fields> {
  let current = error
  for (let depth = 0; depth < 10 && isFields(current); depth++) {
    yield current
    const fields: Fields = current
    current = wrapped.map((name) => fields[name]).find(isFields)
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
