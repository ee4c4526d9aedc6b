import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { explore, html, svg } from '@onerow/race'
import { changed, openTwoCards, violationOf } from './two-cards.ts'

const cards = await openTwoCards('race_html')
after(() => cards[Symbol.asyncDispose]())

const evil = `</text></svg><script>alert("x")</script><img src=x onerror='y'>&amp;\u0000\u001b]]>`

/** Tags that are opened and closed in turn, as in XML; in HTML these need no end. */
function checkTags(markup: string): void {
  const open: string[] = []
  for (const [tag, end, name = '', alone] of markup.matchAll(
    /<(\/)?([a-z][\w]*)(?:\s+[\w:-]+="[^"<>]*")*\s*(\/)?>/g,
  )) {
    if (end) assert.equal(open.pop(), name, tag)
    else if (!alone && name !== 'meta') open.push(name)
  }
  assert.deepEqual(open, [])
}

test('a page with the picture, the schedule to paste, the other violations', async () => {
  const report = await explore({ ...cards.checked, reduction: 'none' })
  const page = html(report)
  checkTags(page)
  assert.match(page, /<h1>240 of 252 schedules break the invariant<\/h1>/)
  assert.match(page, /<code class="copy">replay\(options, &#39;first\*4 second\*5 first&#39;\)<\/code>/)
  // More than are listed, and all say the same: one kind.
  assert.match(page, /<tr><td>239<\/td><td>There is to be one row with the key; there are 2\.<\/td>/)
  assert.doesNotMatch(page, /<script|<link|<img|src=|href=|url\(|@import/)
})

test('at most 50 others are listed', async () => {
  const report = await explore({ ...cards.checked, reduction: 'none' })
  const rowsOf = (page: string) => page.split('<tbody>')[1]?.split('</tbody>')[0]?.match(/<tr>/g)?.length
  assert.equal(rowsOf(html(changed(report, { violations: report.violations.slice(0, 51) }))), 50)
  const different = report.violations.map((violation, index) => ({
    ...violation,
    error: new Error(`kind ${index}`),
  }))
  const page = html(changed(report, { violations: different }))
  assert.equal(rowsOf(page), 50)
  assert.match(page, /And 189 more kinds\./)
})

test('the picture: a lane per actor, the rows each step saw, the time of waiting shaded', async () => {
  const { run } = await violationOf(cards.indexed, 'first*3 second*3 first*2 second')
  const picture = svg(run, ['first', 'second'])
  checkTags(picture)
  assert.equal(picture.match(/class="race-lane"/g)?.length, 2)
  assert.match(picture, /<title>9 steps of first, second<\/title>\n<desc>1\. first: begin\./)
  const rect = (name: string, nth = 0) => {
    const found = [
      ...picture.matchAll(
        new RegExp(`class="${name}" x="(\\d+)" y="(\\d+)" width="\\d+" height="(\\d+)"`, 'g'),
      ),
    ][nth]
    const [, x, y, height] = found?.map(Number) ?? []
    return { x, y, height }
  }
  const blocked = rect('race-blocked')
  const went = rect('race-box race-answer')
  assert.equal(blocked.x, went.x)
  assert.equal((blocked.y ?? 0) + (blocked.height ?? 0), went.y, 'it ends where the actor goes on')
  // Steps 7 and 8 of the other are done meanwhile.
  for (const step of [rect('race-box race-point'), rect('race-box race-statement', 6)]) {
    assert.notEqual(step.x, blocked.x)
    assert.ok((step.y ?? 0) >= (blocked.y ?? 0) && (step.y ?? 0) < (went.y ?? 0))
  }
})

test('nothing that is shown can be anything but text', async () => {
  const actor = async () => {
    await cards.pool.query(`select $1::text as "${evil.replaceAll('"', '""').replaceAll('\0', '')}"`, [
      evil.replaceAll('\0', ''),
    ])
    throw new Error(evil)
  }
  const options = { ...cards.checked, actors: { [evil.replaceAll(/[\s:*]/g, '')]: actor } }
  const names = Object.keys(options.actors)
  const violation = await violationOf(options, names.join(' '))
  const report = await explore(cards.checked)
  const page = html(
    changed(report, {
      actors: names,
      server: evil,
      violations: [violation, { ...violation, error: evil, replay: evil }],
      errors: new Map([[evil, 1]]),
      surprises: [evil],
    }),
  )
  checkTags(page)
  assert.doesNotMatch(page, /<script|<img|onerror='/)
  assert.ok(page.split('&lt;script&gt;').length > 8)
  // oxlint-disable-next-line eslint/no-control-regex -- XML has no way to write these
  assert.doesNotMatch(page, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
})

/** As https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio reckons it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

test('every colour of text can be read on what it stands on, light and dark', async () => {
  const { run } = await violationOf(cards.checked, 'first*5 second*4')
  const schemes = [...svg(run, ['first', 'second']).matchAll(/\.race \{ (--lane[^}]*)/g)].map(
    ([, text = '']) =>
      Object.fromEntries([...text.matchAll(/--(\w+): (#\w{6})/g)].map(([, name, colour]) => [name, colour])),
  )
  assert.equal(schemes.length, 2)
  for (const colours of schemes)
    for (const name of ['text', 'dim', 'good', 'bad', 'fault'])
      for (const ground of ['box', 'lane'])
        assert.ok(contrast(colours[name] ?? '', colours[ground] ?? '') >= 4.5, `${name} on ${ground}`)
})
