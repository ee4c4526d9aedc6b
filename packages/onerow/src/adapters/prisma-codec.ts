import type { PrismaField } from './prisma-model.ts'

interface Codec {
  readonly encode?: (value: unknown) => unknown
  readonly decode?: (stored: unknown) => NonNullable<unknown>
}

/**
 * How a value that Prisma takes for a field becomes one that its raw queries take, and what they give becomes what `findFirst`
 * gives. Raw queries know the types of the result's columns but not of the parameters, nor Prisma's types.
 */
export function codecOf(field: PrismaField, provider: string): Codec {
  const { encode, decode } = codecOfOne(field)
  const encodeOne = (value: unknown) => {
    if (field.type === 'Json') return json(value)
    const checked = scalar(field, value, provider)
    return encode ? encode(checked) : checked
  }
  if (!field.isList) return { encode: encodeOne, ...(decode && { decode }) }
  return {
    encode: (values) => itemsOf(values).map(encodeOne),
    decode: (stored) =>
      itemsOf(stored).map((item) => {
        if (item !== null) return decode?.(item) ?? item
        throw new TypeError(`The list "${field.name}" holds a NULL, which a list of Prisma cannot.`)
      }),
  }
}

/** Prisma sends whatever it does not know as JSON, so that an object would be stored as its text, and NaN as NULL. */
function scalar({ name }: PrismaField, value: unknown, provider: string): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    if (provider === 'postgresql') return String(value)
    throw new TypeError(`"${name}" cannot be ${value} by Prisma on ${provider}.`)
  }
  const isScalar =
    typeof value !== 'object' ||
    (value !== null && ('toISOString' in value || isDecimalLike(value) || ArrayBuffer.isView(value)))
  if (isScalar) return value
  throw new TypeError(
    `"${name}" takes a value, and neither an operation nor a filter: for an update, give a function of the current row.`,
  )
}

function codecOfOne({ type, nativeType, spellings }: PrismaField): Codec {
  if (spellings) {
    const names = new Map([...spellings].map(([name, spelling]) => [spelling, name]))
    return {
      encode: (name) => spellings.get(String(name)) ?? name,
      decode: (spelling) => names.get(String(spelling)) ?? String(spelling),
    }
  }
  if (type === 'DateTime') return { encode: (value) => dateTime(value, nativeType) }
  return codecs[type] ?? {}
}

const codecs: Readonly<Record<string, Codec>> = {
  // MariaDB's INT UNSIGNED and PostgreSQL's OID come as bigints, and Prisma's Int is a number.
  Int: { decode: Number },
  BigInt: { decode: (stored) => BigInt(String(stored)) },
  Float: { decode: Number },
  // Decimal.js, or what looks like it: written out, without an exponent.
  Decimal: { encode: (value) => (isDecimalLike(value) ? value.toFixed() : value) },
  // MariaDB's TINYINT(1) comes as a number, BIT(1) as bytes.
  Boolean: {
    decode: (stored) =>
      stored instanceof Uint8Array ? stored.some((byte) => byte !== 0) : Number(stored) === 1,
  },
}

/** Raw queries take an array for a list. */
function json(value: unknown): unknown {
  if (!isNullOfPrisma(value)) return JSON.stringify(value)
  return value._getName() === 'DbNull' ? null : 'null'
}

/** `Prisma.DbNull`, `Prisma.JsonNull`. */
function isNullOfPrisma(value: unknown): value is { _getName(): string } {
  // A method of theirs; a document may have a property of this name.
  return (
    typeof value === 'object' && value !== null && '_getName' in value && !Object.hasOwn(value, '_getName')
  )
}

function isDecimalLike(value: unknown): value is { toFixed(): string } {
  return typeof value === 'object' && value !== null && 'toFixed' in value
}

/** Driver adapters write a Date as date and time, which a TIME column does not take everywhere. */
function dateTime(value: unknown, nativeType: string | undefined): unknown {
  const date = value instanceof Date ? value : new Date(String(value))
  if (Number.isNaN(date.getTime())) throw new TypeError(`Not a date: ${String(value)}.`)
  if (nativeType === 'Date') return date.toISOString().slice(0, 10)
  if (nativeType === 'Time' || nativeType === 'Timetz') return date.toISOString().slice(11, -1)
  return date
}

/** The items of a list; it is text where the driver does not know the type, as with PostgreSQL's enums: `{a,"b c"}`. */
function itemsOf(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list
  // What `create` also takes.
  if (typeof list === 'object' && list !== null && 'set' in list) return itemsOf(list.set)
  if (typeof list !== 'string') throw new TypeError('The value of a list field is an array.')
  const items = list.slice(1, -1).match(/"(?:\\.|[^"\\])*"|[^,]+/g) ?? []
  return items.map((item) => {
    if (item.startsWith('"')) return item.slice(1, -1).replaceAll(/\\(.)/g, '$1')
    return item === 'NULL' ? null : item
  })
}
