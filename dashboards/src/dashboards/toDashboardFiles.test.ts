import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { describe, expect, test } from 'vitest'
import { unknownMetricsIn } from '../alerts/testing/knownMetrics.ts'
import { QUERY_TYPES } from '../../../grafana-plugin/plugin/datasource/trackerQuery.ts'
import { toDashboardFiles } from './toDashboardFiles.ts'
import { TRACKER_PANELS } from './trackerPanel.ts'

type Dashboard = { panels: Panel[]; annotations: { list: (Query & { target?: Query })[] }; templating: { list: { name: string }[] } }
type Query = { expr?: string; queryType?: string; datasource: { uid: string } }

const folder = join(import.meta.dirname, '../../grafana')
const plugin = join(import.meta.dirname, '../../../grafana-plugin/plugin')
const PANEL_FOLDERS = ['flow-panel', 'breakers-panel', 'request-panel']
const files = Object.entries(toDashboardFiles())
const COUNTS_REQUESTS = /vividly_(\w+_)?requests(?!_total)|cluster:vividly_requests|vividly_queue_depth|vividly_retrying_stages/

test('what is committed is what `npm run dashboards` writes', async () => {
  expect((await readdir(folder)).filter((name) => name.endsWith('.json')).sort()).toEqual(files.map(([name]) => name).sort())
  for (const [name, text] of files) expect(await readFile(join(folder, name), 'utf8')).toBe(text)
})

describe.each(files)('%s', (name, text) => {
  const { panels, templating, annotations } = JSON.parse(text) as Dashboard
  const queriesOf = (panel: Panel) => panel.targets as unknown as Query[]

  const isTrackers = (panel: Panel) => panel.datasource?.uid === '${vividly}'

  test('each panel of the tracker asks what its data source knows, in a panel that there is', async () => {
    const plugins = await Promise.all(
      PANEL_FOLDERS.map(async (name) => (JSON.parse(await readFile(join(plugin, name, 'plugin.json'), 'utf8')) as { id: string }).id),
    )
    for (const panel of panels.filter(isTrackers)) {
      expect(panel.title && panel.description).toBeTruthy()
      expect([...plugins, 'logs', 'traces', 'timeseries']).toContain(panel.type)
      expect(Object.values(TRACKER_PANELS)).toContain(panel.type)
      for (const { queryType, datasource } of queriesOf(panel)) {
        expect(QUERY_TYPES).toContain(queryType)
        expect(datasource.uid).toBe('${vividly}')
      }
    }
  })

  test('deployments are marked by the tracker, which knows them longer than Prometheus', () => {
    const deployed = annotations.list.find(({ target }) => target?.queryType === 'deployments')
    expect(deployed?.datasource.uid).toBe('${vividly}')
    expect(QUERY_TYPES).toContain(deployed?.target?.queryType)
  })

  test('each other panel says what it shows, in which unit, from the chosen Prometheus', () => {
    for (const panel of panels.filter((each) => !isTrackers(each))) {
      expect(panel.title && panel.description && panel.fieldConfig?.defaults.unit).toBeTruthy()
      for (const { uid } of [panel.datasource, ...queriesOf(panel).map(({ datasource }) => datasource)] as { uid: string }[]) {
        expect(uid).toBe('${prometheus}')
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })

  test('every metric and variable exists', () => {
    const variables = new Set(templating.list.map(({ name }) => name))
    for (const { expr = '' } of [...panels.flatMap(queriesOf), ...annotations.list]) {
      expect(unknownMetricsIn(expr)).toEqual([])
    }
    const used = [...text.matchAll(/\$\{?(?!__)(\w+)/g)].map(([, name]) => name)
    expect(used.filter((name) => !variables.has(name ?? ''))).toEqual([])
  })

  test('what counts requests leads to them', () => {
    const counting = (panel: Panel) => queriesOf(panel).some(({ expr = '' }) => COUNTS_REQUESTS.test(expr))
    // All that operators of the pipeline look at; of the tracker itself what counts requests.
    const isOfPipeline = !name.startsWith('vividly-tracker')
    for (const panel of panels.filter((each) => !isTrackers(each) && (isOfPipeline || counting(each)))) {
      expect(panel.fieldConfig?.defaults.links?.[0]?.url).toMatch(/^\$\{tracker\}\/monitoring\/dashboard\?/)
    }
  })

  test('no panel lies on another', () => {
    const cells = panels.flatMap(({ gridPos = { x: 0, y: 0, w: 0, h: 0 } }) =>
      Array.from({ length: gridPos.w * gridPos.h }, (_, index) => `${gridPos.x + (index % gridPos.w)},${gridPos.y + Math.floor(index / gridPos.w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos }) => gridPos !== undefined && gridPos.x + gridPos.w <= 24)).toBe(true)
  })
})
