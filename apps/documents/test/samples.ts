// Small files with the content of each type.

export const pdf = (text = 'a document'): Buffer =>
  Buffer.from(`%PDF-1.4\n% ${text}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`)

/** One pixel. */
export const png: Buffer = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** The headers of a picture. */
export const jpeg: Buffer = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')

export const web: Buffer = Buffer.from('<!doctype html><script>alert(1)</script>')
