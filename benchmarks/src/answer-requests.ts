import { createInterface } from 'node:readline'
import { inspect } from 'node:util'
import type { Failed, Ready } from './client-messages.ts'

/** The other side of asked-process.ts: answers requests until there are no more. */
export async function answerRequests(answerTo: (request: never) => Promise<object>): Promise<void> {
  const tell = (message: object) => console.log(JSON.stringify(message))
  tell({ ready: true } satisfies Ready)
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      // Whoever asks writes it, as the messages of the two are declared.
      tell(await answerTo(JSON.parse(line) as never))
    } catch (error) {
      tell({ error: inspect(error) } satisfies Failed)
    }
  }
}
