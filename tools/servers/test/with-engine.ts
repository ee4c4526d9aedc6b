import { hasGalera, hasMariadb, installCommand } from '../src/index.ts'

/** Options of a test that needs MariaDB. */
export const withMariadb = {
  skip: hasMariadb() ? false : `MariaDB is not installed: ${installCommand.mariadb}`,
}

/** Options of a test that needs a Galera cluster. */
export const withGalera = {
  skip: hasGalera() ? false : `MariaDB Galera is not installed: ${installCommand.mariadb}`,
}
