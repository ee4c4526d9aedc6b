import type { Case } from './case.ts'
import { coalescingCases } from './coalescing-cases.ts'
import { coalescingRaceCases } from './coalescing-race-cases.ts'
import { columnDefaultCases } from './column-default-cases.ts'
import { conflictCases } from './conflict-cases.ts'
import { droppedIndexCases } from './dropped-index-cases.ts'
import { functionValueCases } from './function-value-cases.ts'
import { getOrCreateCases } from './get-or-create-cases.ts'
import { integrityCases } from './integrity-cases.ts'
import { keyCases } from './key-cases.ts'
import { keyDefinitionCases } from './key-definition-cases.ts'
import { listLengthCases } from './list-length-cases.ts'
import { lostConnectionCases } from './lost-connection-cases.ts'
import { manyCases } from './many-cases.ts'
import { manyFailureCases } from './many-failure-cases.ts'
import { manyRaceCases } from './many-race-cases.ts'
import { manyValueCases } from './many-value-cases.ts'
import { poolCases } from './pool-cases.ts'
import { processCases } from './process-cases.ts'
import { raceCases } from './race-cases.ts'
import { refusalCases } from './refusal-cases.ts'
import { signalCases } from './signal-cases.ts'
import { spelledPredicateCases } from './spelled-predicate-cases.ts'
import { storedValueCases } from './stored-value-cases.ts'
import { streakCases } from './streak-cases.ts'
import { streamCases } from './stream-cases.ts'
import { updateInTransactionCases } from './update-in-transaction-cases.ts'
import { updateOrCreateCases } from './update-or-create-cases.ts'
import { updateRaceCases } from './update-race-cases.ts'
import { vanishingRowCases } from './vanishing-row-cases.ts'
import { verifyKeysCases } from './verify-keys-cases.ts'

/** The whole suite. */
export const cases: readonly Case[] = [
  ...getOrCreateCases,
  ...functionValueCases,
  ...storedValueCases,
  ...columnDefaultCases,
  ...refusalCases,
  ...conflictCases,
  ...integrityCases,
  ...updateOrCreateCases,
  ...keyDefinitionCases,
  ...keyCases,
  ...verifyKeysCases,
  ...spelledPredicateCases,
  ...raceCases,
  ...vanishingRowCases,
  ...updateRaceCases,
  ...updateInTransactionCases,
  ...processCases,
  ...lostConnectionCases,
  ...poolCases,
  ...droppedIndexCases,
  ...manyCases,
  ...listLengthCases,
  ...manyFailureCases,
  ...manyRaceCases,
  ...manyValueCases,
  ...streamCases,
  ...coalescingCases,
  ...coalescingRaceCases,
  ...signalCases,
  ...streakCases,
]
