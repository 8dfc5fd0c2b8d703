import type { RequestStatus, StageDetail, StageStatus } from '@vividly/tracker-api/contract'

import { t } from '../text/t.ts'
import { Icon } from './Icon.tsx'
import { stageLook } from './stages.ts'
import { stageState, STATES } from './states.ts'
import './StagePills.css'

type Stage = { name: string; status: StageStatus } & Partial<Pick<StageDetail, 'next_attempt_at'>>

/**
 * One pill a stage, in order: its own icon while it waits (hollow) or runs (filled, pulsing), the shape of its
 * outcome after that.
 */
export function StagePills({ stages, status }: { stages: readonly Stage[]; status: RequestStatus }) {
  return (
    <ol className="vt-pills" aria-label={t('Stages')}>
      {stages.map((stage) => {
        const state = stageState(stage, status)
        const look = stageLook(stage.name)
        const showsStage = state === 'waiting' || state === 'running'
        const text = `${look.label}: ${t(STATES[state].word)}`
        return (
          <li key={stage.name} className={`vt-pill vt-pill--${state} vt-tone-${STATES[state].tone}`} title={text}>
            <Icon name={showsStage ? look.icon : STATES[state].shape} size={14} />
            <span className="vt-sr-only">{text}</span>
          </li>
        )
      })}
    </ol>
  )
}
