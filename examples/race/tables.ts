import type { Lookup, Queryable } from '../stage/get.ts'

export const userId = 'c53b8ba212ef4f15b2365e1bb3d524fe'
export const defaultName = 'foo'
export const defaultAge = 42

/** A table of the story, and the two statements of "give me the row; create it if there is none". */
export interface StoryTable extends Lookup {
  readonly create: string
  /** The values of a new row beside those of the lookup. */
  readonly defaults: readonly unknown[]
  readonly clear: string
}

/** Nothing in the database says that `user_id` is unique. */
export const race: StoryTable = {
  model: 'Race',
  select: 'select id, user_id, name from race where user_id = $1',
  where: [userId],
  create: 'insert into race (user_id, name) values ($1, $2) returning id, user_id, name',
  defaults: [defaultName],
  clear: 'truncate race',
}

/** `user_id` is unique by itself. */
export const solution: StoryTable = {
  model: 'Solution',
  select: 'select id, user_id, name from solution where user_id = $1',
  where: [userId],
  create: 'insert into solution (user_id, name) values ($1, $2) returning id, user_id, name',
  defaults: [defaultName],
  clear: 'truncate solution',
}

/** The combination of `user_id` and `name` is unique. */
export const together: StoryTable = {
  model: 'Together',
  select: 'select id, user_id, name, age from together where user_id = $1 and name = $2',
  where: [userId, defaultName],
  create: 'insert into together (user_id, name, age) values ($1, $2, $3) returning id, user_id, name, age',
  defaults: [defaultAge],
  clear: 'truncate together',
}

/** Creates the three tables, in the first schema of the search path. */
export async function createTables(client: Queryable): Promise<void> {
  await client.query(`
    create table race (
      id int generated always as identity primary key,
      user_id varchar(32) not null,
      name varchar(32) not null
    )`)
  await client.query(`
    create table solution (
      id int generated always as identity primary key,
      user_id varchar(32) not null constraint solution_user_id unique,
      name varchar(32) not null
    )`)
  await client.query(`
    create table together (
      id int generated always as identity primary key,
      user_id varchar(32) not null,
      name varchar(32) not null,
      age int not null,
      constraint together_user_id_name unique (user_id, name)
    )`)
}
