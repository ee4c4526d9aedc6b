import type { Options } from './options.ts'

/** A part of the benchmarks that can be run by itself, with its own servers. */
export interface Section {
  readonly name: string
  /** @param progress tells a person what is being done */
  readonly run: (options: Options, progress: (line: string) => void) => Promise<Report>
}

export interface Report {
  /** What is shown in any case. */
  readonly markdown: string
  /** The text of each file of the folder `results`, by its name. */
  readonly files: Readonly<Record<string, string>>
}
