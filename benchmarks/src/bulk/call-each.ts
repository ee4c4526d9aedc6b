/** Calls for each of a list, so many at a time: when one call ends, the next begins. */
export async function callEach<Item>(
  list: Iterable<Item>,
  atATime: number,
  call: (item: Item) => Promise<void>,
): Promise<void> {
  const items = list[Symbol.iterator]()
  const caller = async () => {
    for (let next = items.next(); next.done !== true; next = items.next()) await call(next.value)
  }
  await Promise.all(Array.from({ length: atATime }, caller))
}

/** The list in chunks of so many; the last may have fewer. */
export function* chunksOf<Item>(list: Iterable<Item>, size: number): Generator<readonly Item[]> {
  let chunk: Item[] = []
  for (const item of list) {
    chunk.push(item)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
