import type { z } from 'zod'
import {
  circuitBreakers, dashboard, metrics, requestDetail, requestEventList, requestList, requestSpanList,
} from '../contract.ts'
import { breakerHistory, concurrency, deployments, organizations, outliers, stageNormals, trendComparison, trends } from '../trendsContract.ts'
import { breakerHistoryQuery } from './breakerHistoryRoute.ts'
import { concurrencyQuery } from './concurrencyRoute.ts'
import { dashboardQuery } from './dashboardRoute.ts'
import { deploymentsQuery } from './deploymentsRoute.ts'
import { metricsQuery } from './metricsRoute.ts'
import { organizationsQuery } from './organizationsRoute.ts'
import { outliersQuery } from './outliersRoute.ts'
import { requestEventsQuery } from './requestEventsRoute.ts'
import { requestFilterQuery } from './requestFilterQuery.ts'
import { requestQuery } from './requestSpelling.ts'
import { requestsQuery } from './requestsRoute.ts'
import { stageNormalsQuery } from './stageNormalsRoute.ts'
import { streamQuery } from './streamRoute.ts'
import { trendComparisonQuery } from './trendComparisonRoute.ts'
import { trendsQuery } from './trendsRoute.ts'

export type ApiOperation = {
  /** Below API_BASE, a path parameter in braces. */
  path: string
  summary: string
  /** The schemas by which the route reads its parameters. */
  query: z.ZodRawShape
  /** Of JSON answers; others are text. */
  answer: z.ZodType | undefined
  /** `application/json` if not said. */
  mediaType?: string
  /** It may hold names of students: who reads it is put on record. */
  showsPeople?: true
  /** Problem documents beside 400, 406 and 503, which all may give. */
  problems: readonly number[]
}

/** Every call under API_BASE: what the OpenAPI document is made of. A test holds it against the routes. */
export const apiOperations: readonly ApiOperation[] = [
  { path: '/requests', summary: 'Requests, newest first', query: requestsQuery, answer: requestList, showsPeople: true, problems: [] },
  {
    path: '/requests.csv',
    summary: 'Requests as a table, newest first',
    query: requestFilterQuery,
    answer: undefined,
    mediaType: 'text/csv',
    showsPeople: true,
    problems: [],
  },
  { path: '/requests/{id}', summary: 'One request with its stages', query: requestQuery, answer: requestDetail, showsPeople: true, problems: [404] },
  {
    path: '/requests/{id}/events',
    summary: 'What happened to a request, oldest first',
    query: requestEventsQuery,
    answer: requestEventList,
    showsPeople: true,
    problems: [404],
  },
  {
    path: '/requests/{id}/spans',
    summary: 'The spans of a request, for a waterfall',
    query: requestQuery,
    answer: requestSpanList,
    showsPeople: true,
    problems: [404],
  },
  { path: '/dashboard', summary: 'The figures of now and of today', query: dashboardQuery, answer: dashboard, problems: [] },
  { path: '/metrics', summary: 'Figures by the hour', query: metricsQuery, answer: metrics, problems: [] },
  { path: '/trends', summary: 'Figures by hour, day, week or month', query: trendsQuery, answer: trends, problems: [] },
  {
    path: '/trends/comparison',
    summary: 'A window beside the one before it and the same a week earlier',
    query: trendComparisonQuery,
    answer: trendComparison,
    problems: [],
  },
  {
    path: '/trends/concurrency',
    summary: 'How many requests were at work, and how many waited',
    query: concurrencyQuery,
    answer: concurrency,
    problems: [],
  },
  {
    path: '/stages/normals',
    summary: 'What stages took in the seven days before',
    query: stageNormalsQuery,
    answer: stageNormals,
    problems: [],
  },
  {
    path: '/outliers',
    summary: 'Stages far slower than they normally are',
    query: outliersQuery,
    answer: outliers,
    problems: [],
  },
  {
    path: '/circuit-breakers',
    summary: 'Breakers as their worst living instance sees them',
    query: {},
    answer: circuitBreakers,
    problems: [],
  },
  {
    path: '/circuit-breakers/{name}/history',
    summary: 'Changes of a breaker’s state, newest first',
    query: breakerHistoryQuery,
    answer: breakerHistory,
    problems: [],
  },
  {
    path: '/deployments',
    summary: 'When versions of services were first heard of, newest first',
    query: deploymentsQuery,
    answer: deployments,
    problems: [],
  },
  { path: '/organizations', summary: 'Organizations that have requests', query: organizationsQuery, answer: organizations, problems: [] },
  {
    path: '/stream',
    summary: 'Every committed change as it happens',
    query: streamQuery,
    answer: undefined,
    mediaType: 'text/event-stream',
    showsPeople: true,
    problems: [429],
  },
]
