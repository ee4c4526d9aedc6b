/**
 * Whether the server's bytes are a whole reply to each of the client's commands in `sent`, in the protocol of MariaDB
 * and MySQL: for a `before-reply` cut. The commands count, because a driver may send the one that has a statement
 * prepared and the one that has it executed at once.
 *
 * It looks at the last packet only, so it can be wrong about a result of more than 250 rows, where the packets' numbers
 * begin again. https://mariadb.com/docs/server/reference/clientserver-protocol/0-packet
 */
export function mysqlReplied(bytes: Buffer, sent: Buffer): boolean {
  const commands = packetsOf(sent).filter(isAnsweredCommand)
  const packets = packetsOf(bytes)
  const replies = packets.filter(({ sequence }) => sequence === 1)
  const last = packets.at(-1)
  return replies.length >= commands.length && last !== undefined && last.whole && isEnd(last)
}

interface Packet {
  /** 0 for a command; the packets of its reply count on from 1. */
  readonly sequence: number
  readonly firstByte: number | undefined
  /** Whether all of it is there. */
  readonly whole: boolean
}

function packetsOf(bytes: Buffer): readonly Packet[] {
  const packets: Packet[] = []
  for (let start = 0; start + 4 <= bytes.length;) {
    const end = start + 4 + bytes.readUIntLE(start, 3)
    packets.push({
      sequence: bytes.readUInt8(start + 3),
      firstByte: bytes[start + 4],
      whole: end <= bytes.length,
    })
    start = end
  }
  return packets
}

const unanswered = new Set([0x01, 0x18, 0x19]) // COM_QUIT, COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE

function isAnsweredCommand({ sequence, firstByte = 0 }: Packet): boolean {
  return sequence === 0 && !unanswered.has(firstByte)
}

/** OK, which a row's first byte can look like but never in the first packet; EOF, or OK after rows; an error. */
function isEnd({ sequence, firstByte }: Packet): boolean {
  return (firstByte === 0x00 && sequence === 1) || firstByte === 0xfe || firstByte === 0xff
}
