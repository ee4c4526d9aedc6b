// Bidi controls let "fdp.exe" read as "exe.pdf" (CVE-2021-42574); joiners stay, Indian scripts need them.
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** Text as it may be shown on one line, and stored: PostgreSQL takes neither NUL nor half a surrogate pair. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\s/g, ' ')
    .replaceAll(unprintable, '')
    .normalize('NFC')
    .replaceAll(/ +/g, ' ')
    .trim()
}
