const install = 'apt-get install -y --no-install-recommends'

/** The commands that add what this repository cannot bring along, on Debian and Ubuntu. */
export const installCommand = {
  postgres15: `${install} postgresql-15`,
  pgbouncer: `${install} pgbouncer`,
  /** Galera is in it. */
  mariadb: `${install} mariadb-server galera-4 rsync socat lsof iproute2`,
}
