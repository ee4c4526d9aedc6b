export type { Cannot, Case, Need } from './case.ts'
export { conformance } from './conformance.ts'
export type { ConformanceOptions, Test } from './conformance.ts'
export type { CutMoment, Faults, Open, OpenDatabase, OpenOptions, Session } from './open.ts'
