#!/usr/bin/env node
import { runCommand } from './cli/run-command.ts'

const code = await runCommand(process.argv.slice(2))
// A pool that nobody has ended would keep the process alive; so it ends here, when all has been written.
process.stdout.write('', () => process.exit(code))
