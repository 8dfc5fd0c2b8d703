import { FLOW_SECTIONS } from '../../src/views/RequestFlow.tsx'
import type { FlowSection } from '../../src/views/RequestFlow.tsx'

export type FlowOptions = {
  /** None: as many as have room. */
  sections: FlowSection[]
  /** Where a click on a request leads. */
  onClick: 'drawer' | 'variable'
  /** The dashboard's variable that takes the request's ID, for `onClick: 'variable'`. */
  variable: string
}

export const DEFAULT_FLOW_OPTIONS: FlowOptions = { sections: [], onClick: 'drawer', variable: 'request' }

/** Reads whatever a dashboard holds, of any version of this panel or written by hand. */
export function readFlowOptions(stored: unknown): FlowOptions {
  const { sections, onClick, variable } = { ...(typeof stored === 'object' ? stored : {}) } as Record<string, unknown>
  return {
    sections: Array.isArray(sections) ? FLOW_SECTIONS.filter((section) => sections.includes(section)) : [],
    onClick: onClick === 'variable' ? 'variable' : 'drawer',
    variable: typeof variable === 'string' && /^\w+$/.test(variable) ? variable : DEFAULT_FLOW_OPTIONS.variable,
  }
}

/** What a panel of this size shows, in px: the four numbers always, the list only where some rows of it are seen. */
export function sectionsThatFit(width: number, height: number): FlowSection[] {
  const isNarrow = width < 480
  const sections: FlowSection[] = ['cards']
  if (height >= (isNarrow ? 420 : 320)) sections.push('breakers')
  if (height >= (isNarrow ? 760 : 480)) sections.push('river')
  if (height >= (isNarrow ? 520 : 620)) sections.push('list')
  return sections
}
