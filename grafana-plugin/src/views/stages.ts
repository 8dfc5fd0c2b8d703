import type { DefaultStage } from '@vividly/instrumentation/semconv'

import { msg, t } from '../text/t.ts'
import type { StageIconName } from './Icon.tsx'

/** English: they go through `t` where they are drawn. */
type StageWords = {
  label: string
  /** For a column head and narrow places. */
  short: string
  /** What the pipeline is doing in it: "… for 12 s". */
  doing: string
}
export type StageLook = StageWords & { icon: StageIconName }

const STAGES: Record<DefaultStage, StageLook> = {
  validation: { label: msg('Validation'), short: msg('Check'), doing: msg('Checking the request'), icon: 'check' },
  rag_retrieval: { label: msg('RAG retrieval'), short: msg('RAG'), doing: msg('Looking up sources'), icon: 'retrieve' },
  script_generation: { label: msg('Script generation'), short: msg('Script'), doing: msg('Writing the script'), icon: 'script' },
  video_generation: { label: msg('Video generation'), short: msg('Video'), doing: msg('Rendering the video'), icon: 'video' },
  video_processing: { label: msg('Video processing'), short: msg('Process'), doing: msg('Processing the video'), icon: 'process' },
  notification: { label: msg('Notification'), short: msg('Notify'), doing: msg('Telling the student'), icon: 'notify' },
}

/** In the order of the default pipeline. */
export const DEFAULT_STAGE_NAMES = Object.keys(STAGES)

/** A stage of a team's own pipeline is shown by its name. */
export function stageLook(name: string): StageLook {
  if (Object.hasOwn(STAGES, name)) return translated(STAGES[name as DefaultStage])
  const label = name.replaceAll('_', ' ')
  return { label, short: label, doing: t('Running {stage}', { stage: label }), icon: 'other' }
}

export const stageLabel = (name: string): string => stageLook(name).label

function translated({ label, short, doing, icon }: StageLook): StageLook {
  return { label: t(label), short: t(short), doing: t(doing), icon }
}
