/** What a process is asked to do. */
export interface BulkRequest {
  /** Of the list. */
  readonly length: number
  /** With how many of its keys. */
  readonly first: number
  readonly label: string
}

/** What came of it. Memory is in bytes. */
export interface BulkAnswer {
  readonly milliseconds: number
  readonly rows: number
  readonly created: number
  /** The processor time of the process meanwhile, in microseconds. */
  readonly cpu: number
  /** The memory of the process before it begins, and the most that it ever had. */
  readonly memoryBefore: number
  readonly peakMemory: number
  /** The most that the heap was seen to hold. */
  readonly peakHeap: number
}
