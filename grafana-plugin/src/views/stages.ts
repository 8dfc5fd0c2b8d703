import type { DefaultStage } from '@vividly/instrumentation/semconv'

import type { StageIconName } from './Icon.tsx'

export type StageLook = {
  label: string
  /** For a column head and narrow places. */
  short: string
  /** What the pipeline is doing in it: "… for 12 s". */
  doing: string
  icon: StageIconName
}

const STAGES: Record<DefaultStage, StageLook> = {
  validation: { label: 'Validation', short: 'Check', doing: 'Checking the request', icon: 'check' },
  rag_retrieval: { label: 'RAG retrieval', short: 'RAG', doing: 'Looking up sources', icon: 'retrieve' },
  script_generation: { label: 'Script generation', short: 'Script', doing: 'Writing the script', icon: 'script' },
  video_generation: { label: 'Video generation', short: 'Video', doing: 'Rendering the video', icon: 'video' },
  video_processing: { label: 'Video processing', short: 'Process', doing: 'Processing the video', icon: 'process' },
  notification: { label: 'Notification', short: 'Notify', doing: 'Telling the student', icon: 'notify' },
}

/** In the order of the default pipeline. */
export const DEFAULT_STAGE_NAMES = Object.keys(STAGES)

/** A stage of a team's own pipeline is shown by its name. */
export function stageLook(name: string): StageLook {
  if (Object.hasOwn(STAGES, name)) return STAGES[name as DefaultStage]
  const label = name.replaceAll('_', ' ')
  return { label, short: label, doing: `Running ${label}`, icon: 'other' }
}
