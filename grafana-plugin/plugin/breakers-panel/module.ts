import '../speakGrafanasLanguage.ts'
import { PanelPlugin } from '@grafana/data'

import { BreakersPanel } from './BreakersPanel.tsx'

export const plugin = new PanelPlugin(BreakersPanel).setNoPadding()
