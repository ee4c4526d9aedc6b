/** The same server's url, for another database of it. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURI(database)}` // not encodeURIComponent: pg undoes it with decodeURI
  return url.href
}
