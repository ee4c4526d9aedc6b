import type { Slot, Template } from '../dialect.ts'

/** A piece of SQL text with slots for values. A value itself cannot get in: there is no way to write one. */
export interface Sql {
  readonly pieces: readonly (string | Slot)[]
}

/** SQL text of our own, such as a quoted identifier. Never a user's value. */
export function raw(text: string): Sql {
  return { pieces: [text] }
}

/** Puts SQL together: ``sql`where ${column} = ${slot}` ``. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Sql | Slot)[]): Sql {
  const pieces = texts.flatMap((text, index) => {
    const part = parts[index]
    if (!part) return [text]
    return 'pieces' in part ? [text, ...part.pieces] : [text, part]
  })
  return { pieces }
}

/** Puts `separator` between the parts. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return { pieces: parts.flatMap((part, index) => (index === 0 ? part.pieces : [separator, ...part.pieces])) }
}

/** Fills a function of SQL text, such as a key's expression, with a slot. */
export function withSlot(text: (operand: string) => string, slot: Slot): Sql {
  // The placeholder's number is not known yet: stand a mark in its place and cut the text there.
  const mark = '\u0000'
  return {
    pieces: text(mark)
      .split(mark)
      .flatMap((piece, index) => (index === 0 ? [piece] : [slot, piece])),
  }
}

/**
 * Turns SQL into the text of a statement.
 *
 * @param placeholder writes the placeholder of a value by its number, from 1; without it each is a `?`, and a value that is
 *   used twice is sent twice
 */
export function toTemplate({ pieces }: Sql, placeholder?: (number: number) => string): Template {
  const slots: Slot[] = []
  const text = pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece
      if (!placeholder) {
        slots.push(piece)
        return '?'
      }
      const known = slots.findIndex((slot) => slot.from === piece.from && slot.column === piece.column)
      return placeholder(known >= 0 ? known + 1 : slots.push(piece))
    })
    .join('')
    .trim()
  return { text, name: `onerow_${hash(text)}`, slots }
}

/**
 * 53 bits of the text (cyrb53, public domain), so that a prepared statement has the same name on each connection and two
 * texts do not share one, even with two copies of onerow in a process.
 */
function hash(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36)
}
