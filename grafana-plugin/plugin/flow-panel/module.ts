import { PanelPlugin } from '@grafana/data'

import { FLOW_SECTIONS } from '../../src/views/RequestFlow.tsx'
import { DEFAULT_FLOW_OPTIONS, readFlowOptions } from './flowOptions.ts'
import type { FlowOptions } from './flowOptions.ts'
import { FlowPanel } from './FlowPanel.tsx'

const SECTION_NAMES = { cards: 'Four numbers', breakers: 'Circuit breakers', river: 'In flight by stage', list: 'Requests' }

export const plugin = new PanelPlugin<FlowOptions>(FlowPanel)
  .setNoPadding()
  .setMigrationHandler((panel) => readFlowOptions(panel.options))
  .setPanelOptions((builder) =>
    builder
      .addMultiSelect({
        path: 'sections',
        name: 'Show',
        description: 'Nothing chosen: as many as have room',
        settings: { options: FLOW_SECTIONS.map((value) => ({ value, label: SECTION_NAMES[value] })) },
      })
      .addRadio({
        path: 'onClick',
        name: 'A click on a request',
        defaultValue: DEFAULT_FLOW_OPTIONS.onClick,
        settings: { options: [{ value: 'drawer', label: 'Opens it here' }, { value: 'variable', label: 'Sets a variable' }] },
      })
      .addTextInput({
        path: 'variable',
        name: 'Variable',
        description: 'Takes the correlation ID; a request panel beside this one can show it',
        defaultValue: DEFAULT_FLOW_OPTIONS.variable,
        showIf: ({ onClick }) => onClick === 'variable',
      }),
  )
