import type { Database } from 'onerow'
import type { Item, ItemKey } from '../item-table.ts'
import type { NewItem } from '../bulk/item-list.ts'

export type Engine = 'MariaDB' | 'SQLite'

/** What one writes by hand with a driver, its statements prepared where it can. */
export interface EngineDriver {
  readonly find: (owner: number, kind: string) => Promise<Item | undefined>
  readonly insert: (owner: number, kind: string, label: string) => Promise<Item>
  /** Undefined when the key is there already. */
  readonly insertUnlessThere: (owner: number, kind: string, label: string) => Promise<Item | undefined>
  readonly findAll: (keys: readonly ItemKey[]) => Promise<readonly Item[]>
  /** All of them or none. */
  readonly insertAll: (items: readonly NewItem[]) => Promise<readonly Item[]>
  readonly onerow: Database
  /** Where calls travel together unless told. */
  readonly onerowAlone?: Database
  readonly close: () => Promise<void>
}

/** A file in contestants/ exports this. */
export interface EngineTool {
  readonly engine: Engine
  readonly coalesces: boolean
  /** @param target the server's url, or the database's file */
  readonly open: (target: string) => EngineDriver
}
