// One contestant in a process of its own: `client-process.ts <tool> <contestant> <url> <connections>`.
import { answerRequests } from './answer-requests.ts'
import type { ClientRequest } from './client-messages.ts'
import { contestantsOf } from './contestants.ts'
import type { Tool } from './contestants.ts'
import { perform } from './perform.ts'

// client.ts gives these.
const [tool, name, url, connections] = process.argv.slice(2) as [Tool, string, string, string]

const contestant = (await contestantsOf(tool)).find((candidate) => candidate.name === name)
if (!contestant || !('open' in contestant)) throw new TypeError(`There is no "${name}" that runs in Node.`)
const { getOrCreate, close } = await contestant.open(url, Number(connections))
await answerRequests((request: ClientRequest) => {
  if (request.do === 'loop') return perform.loop(getOrCreate, request)
  if (request.do === 'calls') return perform.calls(getOrCreate, request)
  return perform.atOnce(getOrCreate, request)
})
await close()
