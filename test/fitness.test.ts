import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'

// What the architecture promises, checked: who imports whom, and that nothing of an adapter has been forgotten.

const root = new URL('../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const library = 'packages/onerow'
const manifest: {
  exports: Record<string, Record<string, string>>
  dependencies?: object
  devDependencies: object
} = JSON.parse(read(`${library}/package.json`))

const sources = globSync(`${library}/src/**/*.ts`, { cwd: root })
/** A file of `src/adapters` that exports a `from…` is an adapter; the others serve several. */
const adapters = sources
  .filter((file) => file.includes('/src/adapters/') && /export function from[A-Z]/.test(read(file)))
  .map((file) => basename(file, '.ts'))

const typeTests = globSync(`${library}/test/types/*.types.ts`, { cwd: root }).map(read)

function imports(file: string): readonly string[] {
  const code = read(file).replaceAll(/\/\*\*.*?\*\//gs, '')
  return [...code.matchAll(/(?:from\s|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

for (const adapter of adapters) {
  test(`${adapter} has all five places of an adapter`, () => {
    assert.equal(
      manifest.exports[`./${adapter}`]?.['source'],
      `./src/adapters/${adapter}.ts`,
      'export in package.json',
    )
    assert.ok(existsSync(new URL(`${library}/test/conformance/${adapter}.test.ts`, root)), 'conformance test')
    assert.ok(
      typeTests.some((text) => text.includes(`'onerow/${adapter}'`)),
      'type test',
    )
    assert.ok(existsSync(new URL(`docs/adapters/${adapter}.md`, root)), 'docs page')
    assert.ok(
      read('README.md').includes(`[\`onerow/${adapter}\`](docs/adapters/${adapter}.md)`),
      'row in the support table',
    )
  })
}

test('the adapters are seen', () => assert.ok(adapters.length >= 15, String(adapters)))

test('every export has its source, and every source export a reader', () => {
  for (const [subpath, { source = '' }] of Object.entries(manifest.exports))
    assert.ok(existsSync(new URL(`${library}/${source}`, root)), subpath)
})

test('the library has no runtime dependency', () => {
  assert.equal(manifest.dependencies, undefined)
  assert.equal('peerDependencies' in manifest, false)
})

test('the core imports nothing of Node, and no file a driver', () => {
  for (const file of sources) {
    const foreign = imports(file).filter((name) => !name.startsWith('.'))
    // Adapters and the conformance suite run where their drivers run; the core runs anywhere.
    const allowed = /\/src\/(adapters|conformance)\//.test(file) ? /^(node:|onerow)/ : /^$/
    assert.deepEqual(
      foreign.filter((name) => !allowed.test(name)),
      [],
      file,
    )
  }
})

test('imports run one way: verbs to ports, dialects to ports, adapters to all of these', () => {
  for (const file of sources) {
    const inside = imports(file)
    if (/\/src\/[^/]+\.ts$/.test(file))
      assert.deepEqual(
        inside.filter((name) => /dialects\/|adapters\/|conformance\//.test(name)),
        [],
        file,
      )
    if (file.includes('/src/dialects/'))
      assert.deepEqual(
        inside.filter((name) => /adapters\/|conformance\/|-or-create|create-unique|until-decided/.test(name)),
        [],
        file,
      )
    if (file.includes('/src/adapters/'))
      assert.deepEqual(
        // An adapter may offer the verbs in its tool's own idiom.
        inside.filter((name) => /conformance\/|until-decided|key-rows/.test(name)),
        [],
        file,
      )
  }
})

const race = 'packages/race'
const raceManifest: { exports: Record<string, Record<string, string>>; dependencies?: object } = JSON.parse(
  read(`${race}/package.json`),
)
const raceSources = globSync(`${race}/src/**/*.ts`, { cwd: root })
/** A file of `src/drivers` that exports a `…Sessions` puts gates into a driver; the others serve several. */
const gates = raceSources.filter(
  (file) => file.includes('/src/drivers/') && /export function \w+Sessions\b/.test(read(file)),
)

for (const gate of gates.map((file) => basename(file, '.ts'))) {
  test(`the gates in ${gate} have their export, their tests and their line in the documents`, () => {
    assert.equal(raceManifest.exports[`./${gate}`]?.['source'], `./src/drivers/${gate}.ts`)
    assert.ok(existsSync(new URL(`${race}/test/drivers/${gate}.test.ts`, root)), 'test')
    assert.ok(read(`${race}/README.md`).includes(`@onerow/race/${gate}`), 'row in its README')
  })
}

test('the gates are seen', () => assert.ok(gates.length >= 4, String(gates)))

test('the race explorer imports no driver, and its core none of the gates', () => {
  for (const file of raceSources) {
    const inside = imports(file)
    const known = new Set(Object.keys(raceManifest.dependencies ?? {}))
    assert.deepEqual(
      inside.filter((name) => !/^(\.|node:)/.test(name) && !known.has(name)),
      [],
      file,
    )
    if (/\/src\/[^/]+\.ts$/.test(file))
      assert.deepEqual(
        inside.filter((name) => /\/(drivers|servers)\//.test(name)),
        [],
        file,
      )
  }
})

test('files are short, and none is named after a habit', () => {
  for (const file of globSync('{packages,apps,tools,examples}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**', '**/generated/**'],
  })) {
    assert.doesNotMatch(basename(file), /util|helper|manager|misc|common/i)
    assert.ok(read(file).split('\n').length <= 301, `${file} is longer than 300 lines`)
  }
})
