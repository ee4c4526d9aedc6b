/** A value for each type that Prisma maps, another one, and what the column is in the database. */
export interface Sample {
  readonly column: string
  readonly value: unknown
  readonly other: unknown
}

const dateTime = new Date('2026-02-28T23:59:59.123Z')
const date = new Date('2026-02-28T00:00:00.000Z')
const time = new Date('1970-01-01T23:59:58.120Z')
const bytes = new Uint8Array([0, 1, 255])
const json = { a: [1, null, 'x', { b: true }], text: 'it\'s "quoted" \\ $1 ?' }
const text = `it's "quoted" \\ $1 ?1 ? 🦊 `

const scalars = (types: Readonly<Record<string, string>>): Record<string, Sample> =>
  Object.fromEntries(
    Object.entries({
      string: [text, ''],
      boolean: [true, false],
      int: [-2147483648, 0],
      bigInt: [9007199254740993n, -1n],
      float: [0.1, -1e300],
      decimal: ['1234567890.125', '0.1'],
      dateTime: [dateTime, new Date(0)],
      json: [json, ['not', 'a', 'list']],
      bytes: [bytes, new Uint8Array()],
      enum: ['PAN_CARD', 'AADHAAR_CARD'],
    }).map(([name, [value, other]]) => [name, { column: types[name] ?? name, value, other }]),
  )

export const postgresql: Readonly<Record<string, Sample>> = {
  ...scalars({
    string: 'text',
    boolean: 'boolean',
    int: 'integer',
    bigInt: 'bigint',
    float: 'double precision',
    decimal: 'decimal(65,30)',
    dateTime: 'timestamp(3)',
    json: 'jsonb',
    bytes: 'bytea',
    enum: 'document_type',
  }),
  char: { column: 'char(4)', value: 'ab', other: 'abcd' },
  uuid: {
    column: 'uuid',
    value: '0b7c8e1e-3f5c-4c0e-9d3a-0f6a2f1f7d11',
    other: '00000000-0000-0000-0000-000000000000',
  },
  inet: { column: 'inet', value: '192.168.0.1', other: '::1' },
  bit: { column: 'bit(3)', value: '101', other: '000' },
  smallInt: { column: 'smallint', value: -32768, other: 1 },
  oid: { column: 'oid', value: 4294967295, other: 1 },
  real: { column: 'real', value: 0.5, other: 2.5 },
  money: { column: 'money', value: '12.5', other: '0.01' },
  timestamptz: { column: 'timestamptz(3)', value: dateTime, other: new Date(0) },
  date: { column: 'date', value: date, other: new Date('1900-01-01T00:00:00.000Z') },
  time: { column: 'time(3)', value: time, other: new Date(0) },
  timetz: { column: 'timetz(3)', value: time, other: new Date(0) },
  jsonText: { column: 'json', value: json, other: 'text' },
  strings: { column: 'text[]', value: ['a', 'b "c"', text], other: [] },
  booleans: { column: 'boolean[]', value: [true, false], other: [] },
  ints: { column: 'integer[]', value: [1, -1], other: [0] },
  bigInts: { column: 'bigint[]', value: [9007199254740993n, 1n], other: [] },
  floats: { column: 'double precision[]', value: [0.1, 2], other: [] },
  decimals: { column: 'decimal(65,30)[]', value: ['0.1', '12345678901234567890.5'], other: [] },
  dateTimes: { column: 'timestamp(3)[]', value: [dateTime, new Date(0)], other: [] },
  dates: { column: 'date[]', value: [date], other: [] },
  times: { column: 'time(3)[]', value: [time], other: [] },
  jsons: { column: 'jsonb[]', value: [json, 'x', 1], other: [] },
  bytesList: { column: 'bytea[]', value: [bytes, new Uint8Array([7])], other: [] },
  enums: { column: 'document_type[]', value: ['PAN_CARD', 'AADHAAR_CARD'], other: [] },
}

export const mysql: Readonly<Record<string, Sample>> = {
  ...scalars({
    string: 'varchar(191)',
    boolean: 'tinyint(1)',
    int: 'int',
    bigInt: 'bigint',
    float: 'double',
    decimal: 'decimal(65,30)',
    dateTime: 'datetime(3)',
    json: 'json',
    bytes: 'longblob',
    enum: `enum('AADHAAR_CARD', 'pan card')`,
  }),
  text: { column: 'text', value: text, other: '' },
  bit: { column: 'bit(1)', value: true, other: false },
  unsigned: { column: 'int unsigned', value: 2147483647, other: 1 },
  year: { column: 'year', value: 2026, other: 1999 },
  real: { column: 'float', value: 0.5, other: 2.5 },
  timestamp: { column: 'timestamp(3) null', value: dateTime, other: new Date(86_400_000) },
  date: { column: 'date', value: date, other: new Date('1900-01-01T00:00:00.000Z') },
  time: { column: 'time(3)', value: time, other: new Date(0) },
}

export const sqlite: Readonly<Record<string, Sample>> = scalars({
  string: 'TEXT',
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  bigInt: 'BIGINT',
  float: 'REAL',
  decimal: 'DECIMAL',
  dateTime: 'DATETIME',
  json: 'JSONB',
  bytes: 'BLOB',
  enum: 'TEXT',
})

/** The table as Prisma's migrations would make it. */
export function createEverything(
  samples: Readonly<Record<string, Sample>>,
  mark: '"' | '`',
): readonly string[] {
  const quoted = (name: string) => mark + name + mark
  const columns = Object.entries(samples).map(([name, { column }]) => `${quoted(name)} ${column}`)
  return [
    `create table ${quoted('everything')} (${[`${quoted('id')} integer primary key`, `${quoted('code')} varchar(191) not null`, ...columns].join(', ')})`,
    `create unique index ${quoted('everything_code_key')} on ${quoted('everything')} (${quoted('code')})`,
  ]
}
