import type { Findings, Violation } from './report.ts'
import { shortError } from './short-text.ts'
import type { Ending, Run, Step } from './run.ts'

/** A report with nothing in it that JSON cannot write: errors are their texts, large whole numbers too. Steps have those that have a run. */
export function jsonOf(findings: Findings): object {
  const { errors, violations, ...rest } = findings
  return {
    ...rest,
    errors: Object.fromEntries(errors),
    violations: violations.map(plainViolation),
  }
}

function plainViolation({ run, error, replay, switches }: Violation): object {
  return { replay, switches, error: shortError(error), ...(run && plainRun(run)) }
}

function plainRun({ steps, endings }: Run): object {
  const plainEndings = [...endings].map(([actor, ending]) => [actor, plainEnding(ending)])
  return { steps: steps.map(plainStep), endings: Object.fromEntries(plainEndings) }
}

function plainStep({ actor, text, values, choice, session, waitedFor, answer, answeredAt }: Step): object {
  const { rows, count, error } = answer ?? {}
  return {
    actor,
    text,
    values: plain(values),
    fault: choice.fault,
    session,
    waitedFor,
    answer: answer && {
      rows: plain(rows),
      count,
      error: error === undefined ? undefined : shortError(error),
    },
    answeredAt,
  }
}

function plainEnding(ending: Ending): object {
  // What a function answers can be anything, also what refers to itself.
  return 'error' in ending ? { error: shortError(ending.error) } : { value: plain(ending.value) }
}

function plain(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return String(value)
  }
}
