import { accessSync, constants, statfsSync } from 'node:fs'

const folder = '/dev/shm'

/** Several times what was seen in use (0.7 GB, with Galera clusters among the servers). */
const enoughBytes = 8 * 2 ** 30

/**
 * A folder in memory, for the files of servers that tests start; undefined where there is none with enough room.
 *
 * Tests create and drop thousands of tables, each of them some files. On ext4 that was most of what MariaDB cost the machine: it gives no
 * inode to a new file that was another's a few seconds ago, and so looks through all of those (`recently_deleted` in fs/ext4/ialloc.c).
 */
export function memoryFolder(): string | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= enoughBytes ? folder : undefined
  } catch {
    return undefined
  }
}
