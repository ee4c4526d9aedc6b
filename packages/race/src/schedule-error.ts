/** The actors no longer go the way that a schedule says. The message says where, who could go on, and what to do. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}
