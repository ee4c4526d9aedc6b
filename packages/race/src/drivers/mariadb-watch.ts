type Rows = readonly Readonly<Record<string, unknown>>[]

interface PromisePool {
  getConnection(): Promise<PromiseConnection>
  end(): Promise<void>
}

interface PromiseConnection {
  prepare(text: string): Promise<Prepared>
  query(text: string): Promise<Rows>
  release(): Promise<void>
}

interface CallbackPool {
  getConnection(done: Done<CallbackConnection>): void
  end(done: Done<void>): void
}

interface CallbackConnection {
  prepare(text: string, done: Done<Prepared>): void
  query(text: string, done: Done<Rows>): void
  release(): void
}

interface Prepared {
  close(): void
}

type Done<Result> = (error: unknown, result: Result) => void

/** A connection for the explorer, in a pool for it alone; and one of each thing in which gates stand. */
export interface Watch extends AsyncDisposable {
  readonly pool: object
  readonly connection: object
  readonly prepared: object
  /** Whether they call back, or answer promises. */
  readonly isCallback: boolean
  readonly query: (text: string) => Promise<Rows>
}

/** @param pool of `mariadb` or of `mariadb/callback`, which its text tells apart */
export async function openWatch(pool: { toString(): string }): Promise<Watch> {
  const isCallback = pool.toString().startsWith('poolCallback')
  // It has one of the two shapes.
  const promises = isCallback ? promised(pool as CallbackPool) : (pool as PromisePool)
  const connection = await promises.getConnection()
  const prepared = await connection.prepare('select 1')
  prepared.close()
  return {
    pool,
    connection: 'inner' in connection ? (connection.inner as object) : connection,
    prepared,
    isCallback,
    query: (text) => connection.query(text),
    async [Symbol.asyncDispose]() {
      await connection.release()
      await promises.end()
    },
  }
}

function promised(pool: CallbackPool): PromisePool {
  return {
    async getConnection() {
      const inner = await asked<CallbackConnection>((done) => pool.getConnection(done))
      return Object.assign(
        {
          prepare: (text: string) => asked<Prepared>((done) => inner.prepare(text, done)),
          query: (text: string) => asked<Rows>((done) => inner.query(text, done)),
          release: async () => inner.release(),
        },
        { inner },
      )
    },
    end: () => asked<void>((done) => pool.end(done)),
  }
}

function asked<Result>(ask: (done: Done<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    ask((error, result) => {
      if (error) reject(error)
      else resolve(result)
    })
  })
}
