import type { EngineRun } from './run-isolation.ts'
import { tableText } from './text.ts'

const adviceByWord: Readonly<Record<string, string>> = {
  created:
    'You made the row. In a transaction this is so only once it has committed: until then nobody else sees the row, and ' +
    'others who want it wait for you.',
  found:
    'Use the row. It was there when the call read it; above READ COMMITTED it is what your snapshot shows, and may be ' +
    'changed or gone by now (`no row`, `old values`). Where that matters, let `updateOrCreate` take its lock.',
  updated: "Your change is in the row, and so is the rival's. Nothing was lost.",
  unchanged: 'The row has these values already. Nothing was written.',
  'already-exists':
    "Tell the user: the error has the key's message and the row. It is an answer, not a failure; your transaction goes on.",
  'retry-transaction':
    'Roll back, and run the whole transaction again, reads included: `transaction(db, work)` does. To catch the error and go ' +
    'on in the same transaction does not help; what you wrote in it may be gone already.',
  contention: 'Others were in the way at each attempt. Try again later; if it stays, see the cause.',
}

/** What to do with each answer that the runs have met. @throws when they have met one that nobody has thought of */
export function advice(runs: readonly EngineRun[]): string {
  const met = new Set<string>(
    runs.flatMap(({ cells }) => cells.flatMap(({ told }) => told.calls.map(({ word }) => word))),
  )
  for (const word of met) {
    if (!(word in adviceByWord)) throw new Error(`A call said "${word}", and there is no advice for it.`)
  }
  const rows = Object.entries(adviceByWord).filter(([word]) => met.has(word))
  return tableText(
    ['the call says', 'what to do'],
    rows.map(([word, what]) => [`\`${word}\``, what]),
  )
}
