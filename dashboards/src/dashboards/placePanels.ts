import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard'
import type { PanelSpec } from './panel.ts'
import type { TrackerPanelSpec } from './trackerPanel.ts'

const COLUMNS = 24
const SIZES = {
  stat: { w: 4, h: 4 },
  timeseries: { w: 12, h: 8 },
  trend: { w: 12, h: 8 },
  flow: { w: 24, h: 20 },
  breakers: { w: 24, h: 5 },
  request: { w: 24, h: 22 },
  trace: { w: 24, h: 14 },
  events: { w: 24, h: 10 },
} as const satisfies Record<(PanelSpec | TrackerPanelSpec)['kind'], { w: number; h: number }>

/** A place for each panel in order: a line ends where the next panel does not fit or is of another kind. */
export function placePanels(panels: readonly Pick<PanelSpec | TrackerPanelSpec, 'kind'>[]): GridPos[] {
  let [x, y, lineHeight] = [0, 0, 0]
  return panels.map(({ kind }) => {
    const { w, h } = SIZES[kind]
    if (x + w > COLUMNS || (x > 0 && h !== lineHeight)) [x, y] = [0, y + lineHeight]
    lineHeight = h
    x += w
    return { x: x - w, y, w, h }
  })
}
