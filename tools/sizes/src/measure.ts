import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'

const source = new URL('../../../packages/onerow/src/', import.meta.url)

export interface Size {
  /** Bytes, minified. */
  readonly minified: number
  /** Bytes, minified and compressed by gzip at its highest level. */
  readonly gzipped: number
}

/**
 * Bundles a program that uses onerow, as a bundler of an application does.
 *
 * @param program its imports name files of `packages/onerow/src`
 */
export async function sizeOf(program: string, plugins: readonly Plugin[] = []): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(source), loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    external: ['node:*'],
    plugins: [...plugins],
    logLevel: 'error',
  })
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length }
}

/** Leaves out every file but those of one adapter, which begin with its name: what is measured then is the adapter's own. */
export function alone(adapter: string): Plugin {
  return {
    name: 'alone',
    setup(bundler) {
      bundler.onResolve({ filter: /^\.\.?\// }, ({ kind, path }) =>
        kind === 'import-statement' && !isOf(adapter, path) ? { path, external: true } : undefined,
      )
    },
  }
}

/** Whether a file is of an adapter: `drizzle-table.ts` is of `drizzle`. */
export function isOf(adapter: string, path: string): boolean {
  const name = path.replace(/^.*\/|\.ts$/g, '')
  return name === adapter || name.startsWith(`${adapter}-`)
}

const commentOrText =
  /\/\*.*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:\$\{(?:[^`{}]|`[^`]*`)*\}|[^`\\]|\\.)*`/gs

/** The sources without their longer texts, which are those of errors: what is left is the code. */
export const withoutTexts: Plugin = {
  name: 'without-texts',
  setup(bundler) {
    bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll(commentOrText, (piece) => {
        // A text has words; the name of a file has none.
        if (piece.startsWith('/') || piece.length < 25 || !piece.includes(' ')) return piece
        // What a template puts in is code.
        return piece.startsWith('`')
          ? `\`${(piece.match(/\$\{(?:[^`{}]|`[^`]*`)*\}/g) ?? []).join('')}\``
          : "''"
      }),
    }))
  },
}

/** Lines of files of `packages/onerow/src`, those of their comments among them. */
export function linesOf(files: readonly string[]): number {
  const lines = files.map((file) => readFileSync(new URL(file, source), 'utf8').trimEnd().split('\n').length)
  return lines.reduce((sum, count) => sum + count, 0)
}
