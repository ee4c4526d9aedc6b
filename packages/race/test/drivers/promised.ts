/** Is told what came of a call. */
export type Done<Result> = (error: Error | null, result?: Result) => void

/** A call that calls back, as a promise. */
export function promised<Result>(call: (done: Done<Result>) => void): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error) reject(error)
      else resolve(result)
    })
  })
}
