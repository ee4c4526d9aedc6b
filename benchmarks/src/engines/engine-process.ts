// One tool in a process of its own: `engine-process.ts <tool> <target>`.
import { answerRequests } from '../answer-requests.ts'
import { itemList } from '../bulk/item-list.ts'
import { perform } from '../perform.ts'
import { callContestants, engineTool, listContestants } from './engine-contestants.ts'
import type { EngineToolName } from './engine-contestants.ts'
import type { EngineListAnswer, EngineRequest } from './engine-messages.ts'

// engines.ts gives these.
const [name, target] = process.argv.slice(2) as [EngineToolName, string]
const driver = (await engineTool(name)).open(target)
await answerRequests((request: EngineRequest) => (request.do === 'loop' ? loop(request) : list(request)))
await driver.close()

function loop({ contestant, ...request }: Extract<EngineRequest, { do: 'loop' }>) {
  return perform.loop(named(callContestants, contestant).call(driver), request)
}

async function list({
  contestant,
  length,
  label,
}: Extract<EngineRequest, { do: 'list' }>): Promise<EngineListAnswer> {
  let [rows, created] = [0, 0]
  const started = performance.now()
  await named(listContestants, contestant).run(driver, itemList(length, length, label), (_, isNew) => {
    rows++
    if (isNew) created++
  })
  return { milliseconds: performance.now() - started, rows, created }
}

function named<Contestant extends { readonly name: string }>(
  all: readonly Contestant[],
  name: string,
): Contestant {
  const found = all.find((each) => each.name === name)
  if (!found) throw new TypeError(`There is no "${name}".`)
  return found
}
