import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { RequestRow } from '@vividly/tracker-api/contract'

const GIVE_UP_MS = 5_000

/** @returns the requests whose row a listener holds otherwise than a fresh read, after at most five seconds. */
export async function compareListener(trackerUrl: string, heard: ReadonlyMap<string, RequestRow>): Promise<string[]> {
  const giveUpAt = performance.now() + GIVE_UP_MS
  for (;;) {
    const fresh = await listAll(trackerUrl)
    const different = [...fresh].filter(([id, row]) => !isDeepStrictEqual(settled(row), settled(heard.get(id))))
    if (different.length === 0 || performance.now() > giveUpAt) return different.map(([id]) => id)
    await sleep(200)
  }
}

/** Without what depends on the moment of reading. */
function settled(row: RequestRow | undefined): unknown {
  return row && { ...row, elapsed_seconds: 0, time_progress_ratio: 0, is_late: false, is_stalled: false }
}

/** What a listener begins with. */
export async function listAll(trackerUrl: string): Promise<Map<string, RequestRow>> {
  const rows = new Map<string, RequestRow>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`
    const response = await fetch(`${trackerUrl}/api/v1/monitoring/requests?limit=200${query}`)
    // Not parsed by the contract: an older release's rows are what they are.
    const page = (await response.json()) as { items: RequestRow[]; next_cursor: string | null }
    for (const row of page.items) rows.set(row.id, row)
    cursor = page.next_cursor
  }
  return rows
}
