import { printTable } from '../stage/print-table.ts'
import { getOrCreateAccount, listAccounts, verifyAccountKey } from './accounts.ts'
import { openNodes } from './nodes.ts'
import type { Node } from './nodes.ts'
import { countConflicts, pause, resume, untilArrived, untilFailedAgain } from './replication.ts'

await using nodes = await openNodes()
const { a, b } = nodes
const both = [a, b] as const

const ask = async (node: Node, email: string): Promise<readonly string[]> => {
  const { row, created } = await getOrCreateAccount(node.pool, email)
  return [node.name, email, created ? 'created' : 'found', String(row.id)]
}
const printAnswers = (title: string, answers: readonly (readonly string[])[]): void =>
  printTable(title, ['node', 'getOrCreate of', 'answers', 'row'], answers)

const problems = await Promise.all(both.map(({ pool }) => verifyAccountKey(pool)))
console.log(`Two PostgreSQL ${a.version} servers, A and B. Both take writes, and each replicates its own to the other.
Each has the unique index account_email; verifyKeys finds ${problems.flat().length} problems.`)

const first = await ask(a, 'ann@example.com')
await untilArrived(b, 'ann@example.com')
printAnswers('1. A call on one node, and on the other when the row has arrived there', [
  first,
  await ask(b, 'ann@example.com'),
])

await Promise.all(both.map(pause))
printAnswers(
  '2. A call on each node at once. Replication is always some time behind; here it is held there',
  await Promise.all(both.map((node) => ask(node, 'bob@example.com'))),
)

await Promise.all(both.map(resume))
await Promise.all(both.map(untilFailedAgain))
printAnswers('3. Replication is let go, and one more account is created on each node', [
  await ask(a, 'carol@example.com'),
  await ask(b, 'dave@example.com'),
])

await Promise.all(both.map(untilFailedAgain))
printTable(
  '4. Each node has been sent the rows of the other',
  ['node', 'conflicts: insert_exists', 'the rows that it holds'],
  await Promise.all(
    both.map(async (node) => {
      const rows = (await listAccounts(node.pool)).map(({ id, email }) => `${id} ${email}`)
      return [node.name, `${await countConflicts(node)} times`, rows.join(', ')]
    }),
  ),
)
console.log(`
Two callers were told "created" of one key, and each node goes on finding a row of its own. Each refuses the other's
bob@example.com, again and again, and so never comes to what the other wrote later: carol and dave stay where they are.
Each node enforces its index. Nothing enforces both.`)
