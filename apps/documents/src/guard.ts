import type { MiddlewareHandler } from 'hono'

import { Problem } from './problem.ts'

const loopback = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Refuses a Host that is not this machine: a page of another site whose name is made to point here (DNS rebinding)
 * would otherwise count as this one.
 */
export const requireLoopbackHost: MiddlewareHandler = async (c, next) => {
  const { hostname } = new URL(c.req.url)
  if (!loopback.test(hostname)) throw new Problem('wrong-host')
  await next()
}

/**
 * Refuses what a page of another site would change. Browsers tell it by Sec-Fetch-Site, and old ones by Origin; who
 * sends neither is no browser, and acts for nobody but itself.
 */
export const requireSameSite: MiddlewareHandler = async (c, next) => {
  const safe = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (!safe && !isSameOrigin(c.req.raw)) throw new Problem('cross-site')
  await next()
}

function isSameOrigin({ url, headers }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = headers.get('origin')
  // Compared without the scheme: a proxy in front may speak https.
  return origin === null || URL.parse(origin)?.host === new URL(url).host
}
