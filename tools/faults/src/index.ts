export { verbs } from './call.ts'
export { counterKey, createCounters, readCounters } from './counters.ts'
export {
  startCrashingGalera,
  startCrashingMariadb,
  startCrashingPostgres,
  type CrashingServers,
} from './crashing-servers.ts'
export { accountsOf, brokenPromises, newLedger } from './ledger.ts'
export { runCallers } from './run-callers.ts'
