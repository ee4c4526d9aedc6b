import type { Session } from './open.ts'

/** Runs statements that end in semicolons at the end of a line: SQL as onerow gives it. */
export async function script(execute: Session['execute'], sql: string): Promise<void> {
  for (const statement of sql.split(/;\s*$/m).map((part) => part.trim())) {
    if (statement) await execute(statement)
  }
}
