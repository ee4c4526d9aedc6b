/**
 * The elements of lists, one after another. By hand, and not by `yield*`: an async generator makes several promises for each
 * element, which takes as long as all else that is done for one of a long stream.
 */
export function flattened<Element>(
  lists: AsyncGenerator<readonly Element[], void, undefined>,
): AsyncGenerator<Element, void, undefined> {
  return new Flattened(lists)
}

class Flattened<Element> implements AsyncGenerator<Element, void, undefined> {
  readonly [Symbol.toStringTag] = 'AsyncGenerator'
  readonly #lists: AsyncGenerator<readonly Element[], void, undefined>
  #list: Iterator<Element, undefined> = [][Symbol.iterator]()
  /** Of those who asked and have no answer yet: the next waits for the last. */
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(lists: AsyncGenerator<readonly Element[], void, undefined>) {
    this.#lists = lists
  }

  next(): Promise<IteratorResult<Element, void>> {
    if (this.#waiting > 0) return this.#inTurn(() => this.#nextOfLists())
    const result = this.#list.next()
    return result.done === true ? this.#inTurn(() => this.#nextOfLists()) : Promise.resolve(result)
  }

  return(): Promise<IteratorResult<Element, void>> {
    return this.#inTurn(() => this.#end())
  }

  throw(error: unknown): Promise<IteratorResult<Element, void>> {
    return this.#inTurn(async () => {
      await this.#end()
      throw error
    })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #nextOfLists(): Promise<IteratorResult<Element, void>> {
    for (;;) {
      const result = this.#list.next()
      if (result.done !== true) return result
      const next = await this.#lists.next()
      if (next.done === true) return next
      this.#list = next.value[Symbol.iterator]()
    }
  }

  #end(): Promise<IteratorResult<never, void>> {
    this.#list = [][Symbol.iterator]()
    // Which has nothing else to answer then.
    return this.#lists.return() as Promise<IteratorReturnResult<void>>
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#waiting++
    const result = this.#last.then(work)
    const settled = () => void this.#waiting--
    this.#last = result.then(settled, settled)
    return result
  }
}
