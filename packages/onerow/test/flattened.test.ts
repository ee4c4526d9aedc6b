import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flattened } from '../src/flattened.ts'

type Lists = AsyncGenerator<readonly number[], void, undefined>

/** The same in the words of the language. */
async function* byYield(lists: Lists): AsyncGenerator<number, void, undefined> {
  for await (const list of lists) for (const element of list) yield element
}

/** Lists of numbers, of which some take a while, and the last perhaps fails. Says whether it was let go. */
function source(lists: readonly (readonly number[])[], { fails }: { readonly fails: boolean }) {
  const seen = { letGo: false }
  async function* generate(): Lists {
    try {
      for (const [index, list] of lists.entries()) {
        if (index % 2 === 1) await Promise.resolve()
        yield list
      }
      if (fails) throw new RangeError('no more lists')
    } finally {
      seen.letGo = true
    }
  }
  return { lists: generate(), seen }
}

const asked = fc.array(fc.constantFrom('next', 'next at once', 'return', 'throw'), { maxLength: 12 })
const listed = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }), { maxLength: 4 })

/** What those who ask are told, whether they wait for the answer before or not, in the order in which they asked. */
async function told(generator: AsyncGenerator<number, void, undefined>, questions: readonly string[]) {
  const answers: Promise<unknown>[] = []
  for (const question of questions) {
    const answer =
      question === 'return'
        ? generator.return()
        : question === 'throw'
          ? generator.throw(new TypeError('enough'))
          : generator.next()
    const settled = answer.catch(String)
    answers.push(settled)
    if (question === 'next') await settled
  }
  return Promise.all(answers)
}

test('it answers as an async generator that yields each element', async () => {
  await fc.assert(
    fc.asyncProperty(listed, fc.boolean(), asked, async (lists, fails, questions) => {
      // Before its first `next` a generator has nothing to let go.
      const asks = ['next', ...questions]
      const [ours, theirs] = [source(lists, { fails }), source(lists, { fails })]
      assert.deepEqual(await told(flattened(ours.lists), asks), await told(byYield(theirs.lists), asks))
      assert.deepEqual(ours.seen, theirs.seen)
    }),
    { numRuns: 1000 },
  )
})

test('who stops early, or disposes of it, lets go of the source', async () => {
  const left = source([[1, 2], [3]], { fails: false })
  for await (const element of flattened(left.lists)) if (element === 1) break
  assert.ok(left.seen.letGo)
  const disposed = source([[1, 2], [3]], { fails: false })
  {
    await using elements = flattened(disposed.lists)
    await elements.next()
  }
  assert.ok(disposed.seen.letGo)
})
