import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ForeignContestant } from '../contestant.ts'

const script = `
import platform, django, psycopg2
print(f"Django {django.__version__}, psycopg2 {psycopg2.__version__.split()[0]}, Python {platform.python_version()}")`

/** What this Python has; undefined where it lacks Django or psycopg2. */
function versionsOf(command: string): string | undefined {
  const { status, stdout } = spawnSync(command, ['-c', script], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

// Debian's packages are those of the system's Python, which need not be the first one on the path.
const command = ['python3', '/usr/bin/python3'].find((python) => versionsOf(python) !== undefined)

export const contestants: readonly ForeignContestant[] = [
  {
    name: 'Django: get_or_create',
    kind: 'own',
    isOrm: true,
    safe: true,
    main: true,
    note: command
      ? `${versionsOf(command)}, as the system has it; at most 10 threads, each with a connection that stays open: further callers wait, as for a pool`
      : 'needs the packages python3-django and python3-psycopg2',
    program: command
      ? { command, file: fileURLToPath(new URL('django_client.py', import.meta.url)) }
      : { missing: 'it needs the packages python3-django and python3-psycopg2' },
  },
]
