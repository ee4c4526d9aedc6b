/** What a PostgreSQL server has answered, counted from its bytes. */
export interface WireCount {
  /** CommandComplete, EmptyQueryResponse or ErrorResponse: each statement ends in one, also where several are sent in one text. */
  statements: number
  /** ReadyForQuery: the answers that a client waits for. */
  roundTrips: number
}

/** Counts in the bytes that a server sends, for as long as one connection at a time is in use, and none asks for encryption. */
export function wireCounter(): { readonly count: WireCount; readonly read: (bytes: Buffer) => void } {
  const count: WireCount = { statements: 0, roundTrips: 0 }
  let pending = Buffer.alloc(0)
  const read = (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes])
    // A message is its type, then its length without the type: "Message Formats" in PostgreSQL's manual.
    while (pending.length >= 5 && pending.length >= 1 + pending.readInt32BE(1)) {
      const type = String.fromCharCode(pending.readUInt8(0))
      if ('CIE'.includes(type)) count.statements++
      if (type === 'Z') count.roundTrips++
      pending = pending.subarray(1 + pending.readInt32BE(1))
    }
  }
  return { count, read }
}
