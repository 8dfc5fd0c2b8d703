import { t } from '../text/t.ts'
import { Icon } from './Icon.tsx'
import type { StateLook } from './states.ts'

/** Shape and word of a state. @param bare the shape alone, where words beside it say the same */
export function StateMark({ look, pulse = false, bare = false }: { look: StateLook; pulse?: boolean; bare?: boolean }) {
  return (
    <span className={`vt-state vt-tone-${look.tone}${pulse ? ' vt-state--pulse' : ''}`}>
      <Icon name={look.shape} size={14} />
      {!bare && <span>{t(look.word)}</span>}
    </span>
  )
}
