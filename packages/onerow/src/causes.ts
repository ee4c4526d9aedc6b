type Fields = Readonly<Record<string, unknown>>

/** An error and what caused it, as a data tool wraps the error of its driver; not for ever, should the chain be a ring. */
export function* causes(error: unknown): Generator<Fields> {
  let current = error
  for (let depth = 0; depth < 10 && isFields(current); depth++) {
    yield current
    current = current['cause']
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
