import { setTimeout as sleep } from 'node:timers/promises'

const PATHS = ['dashboard', 'requests?limit=50', 'circuit-breakers', 'metrics'] as const
const EVERY_MS = 100

export type Answers = {
  /** How often each status came; `none` where no answer did. */
  byStatus: Map<number | 'none', number>
  /** What was not a 200, at most ten of them. */
  failures: string[]
}

/** Asks a tracker as a page does, ten times a second, until told to stop. */
export function watchAnswers(trackerUrl: string): { stop: () => Promise<Answers> } {
  const answers: Answers = { byStatus: new Map(), failures: [] }
  let isWatching = true
  async function ask(path: string): Promise<void> {
    const asked = await fetch(`${trackerUrl}/api/v1/monitoring/${path}`, { signal: AbortSignal.timeout(5_000) }).then(
      async (response) => ({ status: response.status, text: await response.text() }),
      (error: unknown) => ({ status: 'none' as const, text: String(error) }),
    )
    answers.byStatus.set(asked.status, (answers.byStatus.get(asked.status) ?? 0) + 1)
    if (asked.status !== 200 && answers.failures.length < 10) {
      answers.failures.push(`${path} ${asked.status} ${asked.text.slice(0, 300)}`)
    }
  }
  async function watch(): Promise<void> {
    for (let at = 0; isWatching; at += 1) {
      await ask(PATHS[at % PATHS.length] ?? PATHS[0])
      await sleep(EVERY_MS)
    }
  }
  const watched = watch()
  return {
    stop: async () => {
      isWatching = false
      await watched
      return answers
    },
  }
}
