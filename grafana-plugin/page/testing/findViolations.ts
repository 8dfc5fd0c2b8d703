import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/**
 * What axe objects to on the page as it is now, within `selector` if one is given: each rule with the elements that break it.
 * All rules run; but what passes is not described, and no second page is opened to join frames, of which there must be
 * none: 0.4 s instead of 2.
 */
export async function findViolations(page: Page, selector?: string): Promise<unknown[]> {
  if (page.frames().length > 1) throw new Error('Frames of other origins are not looked into: let axe have its second page')
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode(true)
  const { violations } = await (selector === undefined ? axe : axe.include(selector)).analyze()
  return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 160))])
}
