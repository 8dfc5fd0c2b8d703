import { dashboardStats } from '../contract.ts'
import type { FeedReads } from '../live/FeedReads.ts'
import { getDashboard } from '../store/getDashboard.ts'
import type { Pool } from '../store/Pool.ts'
import { readChanges } from '../store/readChanges.ts'
import { readMissedChanges } from '../store/readMissedChanges.ts'

/** What the live feed reads, from Postgres. It must be the primary: a replica may show commits in another order. */
export function createLiveReads(read: Pool): FeedReads {
  return {
    look: (since, options) => readChanges(read, since, options),
    missed: (epoch, xmin) => readMissedChanges(read, epoch, xmin),
    stats: async (timezone, organization) =>
      dashboardStats.parse(JSON.parse(await getDashboard(read, timezone, organization))),
  }
}
