import { escaped } from './markup.ts'
import { pictureOf } from './picture.ts'
import type { Findings, Violation } from './report.ts'
import { kindsOf, summaryOf, surpriseSentence, surprisesOf } from './summary.ts'
import { shortError } from './short-text.ts'
import { svg } from './svg-picture.ts'

/** So many violations are listed, at most. */
const most = 50

/**
 * A report as one HTML file, which needs nothing else: no scripts, no fonts, no network.
 *
 * @example
 * ```ts
 * writeFileSync('race.html', html(report))
 * ```
 */
export function html(report: Findings): string {
  const { actors, violations } = report
  const [worst] = violations
  const verdict =
    violations.length === 0
      ? 'No violation'
      : `${violations.length} of ${report.schedules} schedules break the invariant`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(`${actors.join(', ')}: ${verdict}`)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escaped(verdict)}</h1>`,
    ...summaryOf(report).map((sentence) => `<p>${escaped(sentence)}</p>`),
    ...(worst ? worstSection(worst, actors) : []),
    ...othersSection(violations),
    ...errorsSection(report),
    ...surprisesSection(report),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function worstSection(
  { run, error, replay, switches }: Violation,
  actors: readonly string[],
): readonly string[] {
  return [
    '<section>',
    '<h2>The violation with the fewest switches</h2>',
    `<p class="broken">${escaped(shortError(error))}</p>`,
    ...(run ? [`<figure>${svg(run, actors)}</figure>`] : []),
    `<p>To see it again (${switches === 1 ? '1 switch' : `${switches} switches`}): <code class="copy">replay(options, ${escaped(`'${replay}'`)})</code></p>`,
    ...(run
      ? [
          `<details><summary>The same as text</summary><pre>${escaped(pictureOf(run, actors))}</pre></details>`,
        ]
      : []),
    '</section>',
  ]
}

function othersSection([, ...others]: readonly Violation[]): readonly string[] {
  if (others.length === 0) return []
  const rows =
    others.length > most
      ? kindsOf(others).map(({ message, count, first }) => ({ message, count, violation: first }))
      : others.map((violation) => ({ message: shortError(violation.error), count: 1, violation }))
  const left = rows.length - most
  const cells = rows
    .slice(0, most)
    .map(({ message, count, violation: { replay, switches } }) => [
      String(count),
      escaped(message),
      String(switches),
      `<code class="copy">${escaped(replay)}</code>`,
    ])
  return [
    '<section>',
    '<h2>The other violations</h2>',
    ...(others.length > most
      ? ['<p>By what the invariant says; of each kind the schedule with the fewest switches.</p>']
      : []),
    ...table(['Count', 'What broke', 'Switches', 'Schedule'], cells),
    ...(left > 0 ? [`<p>And ${left} more kinds.</p>`] : []),
    '</section>',
  ]
}

function errorsSection({ errors }: Findings): readonly string[] {
  if (errors.size === 0) return []
  const cells = [...errors].map(([kind, count]) => [String(count), escaped(kind)])
  return [
    '<section>',
    '<h2>Errors that actors ended with</h2>',
    ...table(['Count', 'Error'], cells),
    '</section>',
  ]
}

function surprisesSection(report: Findings): readonly string[] {
  const surprises = surprisesOf(report)
  if (surprises.length === 0) return []
  const items = surprises.slice(0, most).map((text) => `<li>${escaped(text)}</li>`)
  return [
    '<section>',
    '<h2>What the explorer does not control</h2>',
    `<p>${escaped(surpriseSentence)}</p>`,
    `<ul>${items.join('\n')}</ul>`,
    ...(surprises.length > most ? [`<p>And ${surprises.length - most} more.</p>`] : []),
    '</section>',
  ]
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const row = (cells: readonly string[], tag: 'td' | 'th scope="col"') =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag.slice(0, 2)}>`).join('')}</tr>`
  return [
    '<div class="wide"><table>',
    `<thead>${row(heads, 'th scope="col"')}</thead>`,
    `<tbody>${rows.map((cells) => row(cells, 'td')).join('\n')}</tbody>`,
    '</table></div>',
  ]
}

const style = `
:root { color-scheme: light dark; --page: #ffffff; --ink: #1b2430; --rule: #c3cad4; --bad: #a3162a; --code: #f2f4f7; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1319; --ink: #e8edf4; --rule: #3b4554; --bad: #ff9aa5; --code: #232a35; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1, h2 { line-height: 1.25; }
p { max-width: 48rem; }
figure { margin: 1rem 0; overflow-x: auto; }
.broken { color: var(--bad); font-weight: 600; }
.copy { user-select: all; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875rem; background: var(--code); border-radius: 4px; padding: 0.1rem 0.3rem; }
pre { padding: 1rem; overflow-x: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--rule); }
`
