import '../speakGrafanasLanguage.ts'
import { PanelPlugin } from '@grafana/data'

import { msg, t } from '../../src/text/t.ts'
import { FLOW_SECTIONS } from '../../src/views/RequestFlow.tsx'
import { DEFAULT_FLOW_OPTIONS, readFlowOptions } from './flowOptions.ts'
import type { FlowOptions } from './flowOptions.ts'
import { FlowPanel } from './FlowPanel.tsx'

const SECTION_NAMES = { cards: msg('Four numbers'), breakers: msg('Circuit breakers'), river: msg('In flight by stage'), list: msg('Requests') }

export const plugin = new PanelPlugin<FlowOptions>(FlowPanel)
  .setNoPadding()
  .setMigrationHandler((panel) => readFlowOptions(panel.options))
  .setPanelOptions((builder) =>
    builder
      .addMultiSelect({
        path: 'sections',
        name: t('Show'),
        description: t('Nothing chosen: as many as have room'),
        settings: { options: FLOW_SECTIONS.map((value) => ({ value, label: t(SECTION_NAMES[value]) })) },
      })
      .addRadio({
        path: 'onClick',
        name: t('A click on a request'),
        defaultValue: DEFAULT_FLOW_OPTIONS.onClick,
        settings: { options: [{ value: 'drawer', label: t('Opens it here') }, { value: 'variable', label: t('Sets a variable') }] },
      })
      .addTextInput({
        path: 'variable',
        name: t('Variable'),
        description: t('Takes the correlation ID; a request panel beside this one can show it'),
        defaultValue: DEFAULT_FLOW_OPTIONS.variable,
        showIf: ({ onClick }) => onClick === 'variable',
      }),
  )
