import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrismaSchema } from '../../src/adapters/prisma-schema.ts'

const schema = `
generator client {
  provider = "prisma-client"
}

/// model Commented {
///   id Int @id
/// }
enum Kind {
  PAN  @map("pan card") // @map("not this")
  SLIP

  @@map("kind")
}

model Document {
  id      Int      @id(map: "document_id") /// @unique
  url     String   @default("https://a.b/{c}?\\"@@id([d])\\"") @db.VarChar(200)
  kind    Kind?    @default(PAN)
  tags    String[] @default(["a", "b]"])
  place   Unsupported("circle")?
  ratio   Float    @default(-1.5)
  key     String   @unique @default(cuid(2))
  user    User     @relation("Author", fields: [userId], references: [id], onDelete: Cascade)
  userId  Int
  nick    String? /* @default(cuid()) "*/ @default("/* @id */")
  /* old  String @unique
}
model Document {
  */

  // @@unique([kind])
  @@unique([userId, kind(sort: Desc)], name: "card", where: { kind: "pan card", gone: null, ratio: { not: 0 } })
  @@unique([
    kind, // first
    ratio
  ], where: raw("ratio > 1 and kind = '}'"))
  @@map("document")
}

view Totals {
  id Int @unique
}
`

const map = (values: Readonly<Record<string, unknown>>, ...places: readonly unknown[]) =>
  new Map<string | number, unknown>([...places.entries(), ...Object.entries(values)])

test('attributes of fields, models, views and enums, and nothing of comments and strings', () => {
  const blocks = parsePrismaSchema(schema)
  assert.deepEqual([...blocks.keys()], ['Kind', 'Document', 'Totals'])
  assert.deepEqual(blocks.get('Kind'), [
    { field: 'PAN', call: 'map', args: map({}, 'pan card') },
    { call: 'map', args: map({}, 'kind') },
  ])
  assert.deepEqual(blocks.get('Totals'), [{ field: 'id', call: 'unique', args: map({}) }])
  assert.deepEqual(blocks.get('Document'), [
    { field: 'id', call: 'id', args: map({ map: 'document_id' }) },
    { field: 'url', call: 'default', args: map({}, 'https://a.b/{c}?"@@id([d])"') },
    { field: 'url', call: 'db.VarChar', args: map({}, 200) },
    { field: 'kind', call: 'default', args: map({}, 'PAN') },
    { field: 'tags', call: '[]', args: map({}) },
    { field: 'tags', call: 'default', args: map({}, ['a', 'b]']) },
    { field: 'ratio', call: 'default', args: map({}, -1.5) },
    { field: 'key', call: 'unique', args: map({}) },
    { field: 'key', call: 'default', args: map({}, { call: 'cuid', args: map({}, 2) }) },
    {
      field: 'user',
      call: 'relation',
      args: map({ fields: ['userId'], references: ['id'], onDelete: 'Cascade' }, 'Author'),
    },
    { field: 'nick', call: 'default', args: map({}, '/* @id */') },
    {
      call: 'unique',
      args: map({ name: 'card', where: map({ kind: 'pan card', gone: null, ratio: map({ not: 0 }) }) }, [
        'userId',
        { call: 'kind', args: map({ sort: 'Desc' }) },
      ]),
    },
    {
      call: 'unique',
      args: map({ where: { call: 'raw', args: map({}, `ratio > 1 and kind = '}'`) } }, ['kind', 'ratio']),
    },
    { call: 'map', args: map({}, 'document') },
  ])
})
