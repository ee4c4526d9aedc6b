import { table, uniqueKey } from 'onerow'

interface Race {
  readonly id: number
  readonly userId: string
  readonly name: string
}

interface Together extends Race {
  readonly age: number
}

const columns = { id: 'id', userId: 'user_id', name: 'name' } as const

const races = table<Race, Omit<Race, 'id'>>('race', { columns })
const solutions = table<Race, Omit<Race, 'id'>>('solution', { columns })
const togethers = table<Together, Omit<Together, 'id'>>('together', { columns: { ...columns, age: 'age' } })

/** A wish: the code calls it a key, and the database knows nothing of it. */
export const raceKey = uniqueKey(races, ['userId'], { name: 'race_user_id' })

export const solutionKey = uniqueKey(solutions, ['userId'], { name: 'solution_user_id' })

export const togetherKey = uniqueKey(togethers, ['userId', 'name'], { name: 'together_user_id_name' })
