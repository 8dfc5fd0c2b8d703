import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { panel, PROMETHEUS } from './panel.ts'
import type { PanelSpec } from './panel.ts'
import { placePanels } from './placePanels.ts'
import { isTrackerPanel, TRACKER, trackerPanel, trackerQuery } from './trackerPanel.ts'
import type { TrackerPanelSpec } from './trackerPanel.ts'

export type DashboardSpec = {
  uid: string
  title: string
  description: string
  from: string
  panels: (PanelSpec | TrackerPanelSpec)[]
  /** With a field for a request's ID, `$request`. */
  asksForRequest?: true
}

/** Dashboard JSON of version 1, which Grafana 12 and 13 read; places and ids of panels are given in their order. */
export function dashboard({ uid, title, description, from, panels, asksForRequest }: DashboardSpec) {
  const builder = new DashboardBuilder(`Vividly: ${title}`)
    .uid(uid)
    .description(description)
    .tags(['vividly'])
    .time({ from, to: 'now' })
    .timezone('browser')
    .refresh('30s')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('prometheus').label('Prometheus').type('prometheus'))
    .withVariable(labels('pipeline', 'label_values(vividly_requests_created_total, pipeline)').label('Pipeline').includeAll(true).allValue('.*'))
    .withVariable(labels('tracker', 'label_values(vividly_tracker_info, public_url)').hide(VariableHide.HideVariable))
    .withVariable(new DatasourceVariableBuilder('vividly').label('Tracker').type(TRACKER.type))
    .annotation(
      new AnnotationQueryBuilder()
        .name('Breaker open')
        .datasource(PROMETHEUS)
        .enable(true)
        .iconColor('red')
        .expr('cluster:vividly_circuit_breaker_state{state="open"} == 1')
        .titleFormat('{{name}} is open'),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Deployed')
        .datasource(TRACKER)
        .enable(true)
        .iconColor('blue')
        .target({ build: () => trackerQuery('Deployed', { queryType: 'deployments' }) }),
    )
  if (asksForRequest) builder.withVariable(new TextBoxVariableBuilder('request').label('Request'))
  placePanels(panels).forEach((gridPos, index) => {
    const spec = panels[index]
    if (spec === undefined) return
    const built = isTrackerPanel(spec) ? trackerPanel(spec) : panel(spec)
    builder.withPanel(built.id(index + 1).gridPos(gridPos))
  })
  return builder.build()
}

function labels(name: string, query: string) {
  return new QueryVariableBuilder(name).datasource(PROMETHEUS).query(query)
}
