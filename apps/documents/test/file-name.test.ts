import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { attachment, displayName } from '../src/file-name.ts'
import type { MediaType } from '../src/media-type.ts'

const awkward = fc.constantFrom(
  '/',
  '\\',
  '.',
  ' ',
  '\t',
  '\0',
  '\u202e',
  '\u0301',
  'e',
  '"',
  '.pdf',
  '\ud83d',
)
const given = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(awkward).map((parts) => parts.join('')),
)
const mediaType = fc.constantFrom<MediaType>('application/pdf', 'image/jpeg', 'image/png')

test('a name to show is one short line of text, no path, and ends as its content does', () => {
  fc.assert(
    fc.property(given, mediaType, (name, type) => {
      const shown = displayName(name, type)
      assert.ok(shown.isWellFormed())
      assert.ok(shown.length <= 125)
      assert.doesNotMatch(shown, /[/\\\p{Cc}\u202e]|^\./u)
      assert.match(shown, /.\.(pdf|jpe?g|png)$/)
      assert.equal(displayName(shown, type), shown)
    }),
  )
})

test('a Content-Disposition is one header value, and gives the name back', () => {
  fc.assert(
    fc.property(given, mediaType, (name, type) => {
      const shown = displayName(name, type)
      const header = attachment(shown)
      const [, encoded = ''] =
        /^attachment; filename="[^"\\]*"; filename\*=UTF-8''([\w.!~%-]*)$/.exec(header) ?? []
      assert.equal(decodeURIComponent(encoded), shown)
      assert.equal(new Headers({ 'content-disposition': header }).get('content-disposition'), header)
    }),
  )
})
