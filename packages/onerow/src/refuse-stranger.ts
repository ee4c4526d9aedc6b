import type { Call } from './call.ts'
import { ConflictElsewhereError, OutsideKeyError } from './errors.ts'
import { KeyRows } from './key-rows.ts'

/**
 * Nothing found, and nothing inserted, again and again: perhaps no rival is in the way, but a row that is not the key's.
 *
 * @throws `ConflictElsewhereError` when a row outside the key's condition is there, and no row inside of it: an index with
 *   a wider condition decides; `OutsideKeyError` when an expression of the key is NULL for the value
 */
export async function refuseStranger(call: Call): Promise<void> {
  const { db, key } = call
  const rows = new KeyRows(call, {})
  if ((await rows.isNullKey?.()) === true)
    throw new OutsideKeyError(
      key,
      'an expression of the key is NULL for this value, and the database never finds two NULLs equal, so it would ' +
        'enforce nothing.',
    )
  if (key.condition.length === 0) return
  const rowsAnywhere = await new KeyRows({ ...call, key: { ...key, condition: [] } }, {}).count()
  if (rowsAnywhere === 0 || (await rows.count()) > 0) return
  const { problems, arbiter } = await db.dialect.inspect(db, key)
  const wider = problems.find((problem) => problem.kind === 'wider-index')
  if (arbiter) throw new ConflictElsewhereError(key, wider?.about ?? arbiter.index ?? key.name)
}
