import { blocksOf } from './blocks.ts'
import type { Block, Line } from './blocks.ts'
import { escaped } from './markup.ts'
import type { Run } from './run.ts'

// In pixels.
const sign = 7.9
const line = 18
const padding = 8
const gap = 6
const gutter = 36
const header = 40

/** A block and where it stands. */
interface Placed {
  readonly block: Block
  readonly x: number
  readonly y: number
  readonly height: number
}

/**
 * A run as an SVG picture: a lane for each actor, the steps as boxes in the order of time with what came of them, the time in which
 * an actor waits for a lock shaded. Light or dark as the reader's device is. It needs nothing else, so it can be a file.
 *
 * @param actors in the order of their lanes
 */
export function svg(run: Run, actors: readonly string[]): string {
  const width = actors.length > 2 ? 40 : 52
  const lane = Math.ceil(width * sign) + 2 * padding
  const placed = place(
    blocksOf(run, { width, rows: 6 }),
    (actor) => gutter + actors.indexOf(actor) * (lane + gap),
  )
  const right = gutter + actors.length * (lane + gap)
  const bottom = (placed.at(-1)?.y ?? header) + (placed.at(-1)?.height ?? 0) + gap
  const lanes = actors.map((actor, index) => {
    const x = gutter + index * (lane + gap)
    return (
      `<rect class="race-lane" x="${x}" y="0" width="${lane}" height="${bottom}" rx="8"/>` +
      `<text class="race-actor" x="${x + padding}" y="26">${escaped(actor)}</text>`
    )
  })
  return [
    `<svg class="race" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${right} ${bottom}" width="${right}" height="${bottom}">`,
    `<title>${escaped(`${run.steps.length} steps of ${actors.join(', ')}`)}</title>`,
    `<desc>${escaped(describe(placed))}</desc>`,
    `<style>${style}</style>`,
    ...lanes,
    ...blockedSpans(placed, lane),
    ...placed.map((each) => box(each, lane)),
    '</svg>',
  ].join('\n')
}

function place(blocks: readonly Block[], laneOf: (actor: string) => number): readonly Placed[] {
  let y = header
  return blocks.map((block) => {
    const height = block.lines.length * line + padding
    const placed = { block, x: laneOf(block.actor), y, height }
    y += height + gap
    return placed
  })
}

/** From where an actor begins to wait to where it goes on; to the end if it never does. */
function blockedSpans(placed: readonly Placed[], lane: number): readonly string[] {
  return placed.flatMap(({ block, x, y, height }, index) => {
    if (block.waiting !== 'begins') return []
    const end = placed
      .slice(index + 1)
      .find((other) => other.block.actor === block.actor && other.block.waiting === 'ends')
    const last = placed.at(-1)
    const from = y + height
    const to = end?.y ?? (last?.y ?? 0) + (last?.height ?? 0)
    return `<rect class="race-blocked" x="${x}" y="${from}" width="${lane}" height="${Math.max(0, to - from)}"/>`
  })
}

function box({ block, x, y, height }: Placed, lane: number): string {
  const texts = block.lines.map(
    ({ kind, text }, index) =>
      `<text class="race-${kind}" x="${x + padding}" y="${y + (index + 1) * line}" xml:space="preserve">${escaped(text)}</text>`,
  )
  const number =
    block.number === undefined
      ? ''
      : `<text class="race-number" x="${gutter - 8}" y="${y + line}" text-anchor="end">${block.number}</text>`
  return `<rect class="race-box race-${block.kind}" x="${x}" y="${y}" width="${lane}" height="${height}" rx="6"/>${number}${texts.join('')}`
}

/** The same in words, for who cannot see it. */
function describe(placed: readonly Placed[]): string {
  const wordsOf = (lines: readonly Line[]) =>
    lines.map(({ text }) => text.replaceAll(/[┊→✗◇!]/g, '').trim()).join(' ')
  return placed
    .map(
      ({ block: { number, actor, lines } }) =>
        `${number === undefined ? '' : `${number}. `}${actor}: ${wordsOf(lines)}`,
    )
    .join('. ')
}

const style = `
.race { --lane: #f2f4f7; --box: #ffffff; --edge: #8a94a3; --text: #1b2430; --dim: #4a5564; --blocked: #f6d9a8; --good: #1b5e3a; --bad: #a3162a; --fault: #7a3d00; font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { .race { --lane: #171c24; --box: #232a35; --edge: #76818f; --text: #e8edf4; --dim: #b3bdca; --blocked: #57421a; --good: #8fdcb0; --bad: #ff9aa5; --fault: #ffc078; } }
.race text { fill: var(--text); white-space: pre; }
.race .race-lane { fill: var(--lane); }
.race .race-actor { font-size: 15px; font-weight: 700; }
.race .race-number { fill: var(--dim); }
.race .race-box { fill: var(--box); stroke: var(--edge); }
.race rect.race-point { stroke-dasharray: 2 3; }
.race rect.race-kill, .race rect.race-failure { stroke: var(--bad); }
.race .race-blocked { fill: var(--blocked); stroke: var(--edge); stroke-dasharray: 4 4; }
.race text.race-wait { fill: var(--dim); }
.race text.race-fault { fill: var(--fault); }
.race text.race-answer { fill: var(--good); }
.race text.race-error { fill: var(--bad); }
`
