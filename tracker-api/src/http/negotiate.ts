import type { MiddlewareHandler } from 'hono'
import { problemResponse } from './problem.ts'

/** 405 for what is no reading, 406 for who does not take what is given. */
export const negotiate = (given: string): MiddlewareHandler => async (c, next) => {
  // The middleware's own method: a HEAD goes on as a GET.
  if (!['GET', 'HEAD'].includes(c.req.raw.method)) {
    return problemResponse(405, 'Monitoring is only read: use GET.', { headers: { allow: 'GET, HEAD' } })
  }
  if (!takes(c.req.header('accept') ?? '*/*', given)) {
    return problemResponse(406, `The answer is ${given}; Accept takes no such thing.`)
  }
  return next()
}

function takes(accept: string, type: string): boolean {
  const family = `${type.split('/')[0]}/*`
  return accept.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return ['', '*/*', family, type].includes(name) && !parameters.some((one) => /^q=0(\.0*)?$/.test(one))
  })
}
