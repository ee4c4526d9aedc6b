import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { toolVersions } from '../machine.ts'

/** In this package, so that the drivers are found. */
const directory = new URL('../../dist/', import.meta.url)

/**
 * Makes JavaScript of a program and of the library, as applications run it: Node takes some 40 MB to strip the types from sources.
 *
 * @returns the path of the program that was made
 */
export async function asJavaScript(program: string): Promise<string> {
  await build({
    entryPoints: [program],
    outdir: fileURLToPath(directory),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    external: Object.keys(toolVersions()).filter((name) => name !== 'onerow'),
  })
  return fileURLToPath(new URL(`${basename(program, '.ts')}.js`, directory))
}
