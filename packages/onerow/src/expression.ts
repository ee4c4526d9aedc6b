/** A part of a key that is not a column itself but an expression on one. Made by {@link expression} or {@link lower}. */
export interface Expression<Property extends string = string> {
  readonly property: Property
  /** Gives the SQL text of the expression on an operand: the quoted column, or the placeholder of the looked-up value. */
  readonly of: (operand: string) => string
}

/**
 * A key part that is an expression on a column, as the unique index has it.
 *
 * `text` is SQL of yours, not of your users: it gets the quoted column or a placeholder, never a value. The same text
 * stands in the index, in the conflict target and in the read, so the database can match them.
 *
 * @example
 * ```ts
 * const byAddress = uniqueKey(accounts, [expression('email', (email) => `lower(trim(${email}))`)], {
 *   name: 'account_address',
 * })
 * ```
 */
export function expression<const Property extends string>(
  property: Property,
  text: (operand: string) => string,
): Expression<Property> {
  if (typeof text !== 'function' || typeof text('x') !== 'string' || text('x') === text('y'))
    throw new TypeError(
      `The expression on "${property}" must be a function that puts its operand into SQL text: (column) => \`lower(\${column})\`.`,
    )
  return { property, of: text }
}

/**
 * The key part `lower(column)`: 'Bob@example.org' and 'bob@example.org' are one key.
 *
 * @example
 * ```ts
 * const byEmail = uniqueKey(accounts, [lower('email')], { name: 'account_email' })
 * ```
 */
export function lower<const Property extends string>(property: Property): Expression<Property> {
  return expression(property, (operand) => `lower(${operand})`)
}
