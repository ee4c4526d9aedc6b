import type { Kind } from './contestant.ts'

/** The colour of a kind of contestants in charts where a name stands beside each. */
export const kindColors: Readonly<Record<Kind, string>> = {
  limit: '#444444',
  onerow: '#1668dc',
  'by hand': '#389e0d',
  own: '#d4380d',
}
