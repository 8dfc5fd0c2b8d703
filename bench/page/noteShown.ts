import type { Page } from 'playwright-core'

type Noting = typeof globalThis & { vividlyShown: Map<string, number> }

/** Begins to note when each request's row was first on the screen; to be called before the page is opened. */
export async function noteShown(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shown = new Map<string, number>()
    ;(globalThis as Noting).vividlyShown = shown
    new MutationObserver(() => {
      const fresh = [...document.querySelectorAll<HTMLElement>('[data-request]')].flatMap(({ dataset }) => {
        const { request } = dataset
        return request === undefined || shown.has(request) ? [] : [request]
      })
      // It is painted in the frame after; the message behind it comes when that has been.
      requestAnimationFrame(() => setTimeout(() => {
        for (const id of fresh) if (!shown.has(id)) shown.set(id, performance.timeOrigin + performance.now())
      }))
    }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-request'] })
  })
}

/** By correlation ID, in Unix milliseconds of this machine's clock. */
export async function readShown(page: Page): Promise<[id: string, atMs: number][]> {
  return page.evaluate(() => [...(globalThis as Noting).vividlyShown])
}
