import { Hono } from 'hono'
import { z } from 'zod'
import { knownTimezone } from '../store/knownTimezone.ts'
import type { Pool } from '../store/Pool.ts'
import { TREND_STEPS } from '../store/readFigures.ts'
import { readTrends } from '../store/readTrends.ts'
import { unknownTimezone } from './dashboardRoute.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

/** Hours are many: a quarter of a year of them is the most that anyone draws. */
const hourLimits = { usualDays: 1, maxDays: 100 }
const limits = { usualDays: 30, maxDays: 400 }

export const trendsQuery = {
  ...windowQuery,
  step: z.enum(TREND_STEPS, `one of ${TREND_STEPS.join(', ')}`).default('day'),
  tz: name.default('UTC'),
  organization: name.optional(),
  stage: name.optional(),
}

/** `GET /trends`: figures by hour, day, week or month of a time zone, or of the whole window together. */
export function trendsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/trends', async (c) => {
    const asked = parseQuery(c.req.url, trendsQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const { step, tz, organization, stage } = asked.value
    const window = toWindow(asked.value, Date.now(), step === 'hour' ? hourLimits : limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    if (!(await knownTimezone(read, tz))) return problemResponse(400, unknownTimezone)
    return jsonResponse(await readTrends(read, { ...window, organization }, step, tz, stage))
  })
}
