import { Icon } from './Icon.tsx'
import type { StateLook } from './states.ts'

/** Shape and word of a state. */
export function StateMark({ look, pulse = false }: { look: StateLook; pulse?: boolean }) {
  return (
    <span className={`vt-state vt-tone-${look.tone}${pulse ? ' vt-state--pulse' : ''}`}>
      <Icon name={look.shape} size={14} />
      <span>{look.word}</span>
    </span>
  )
}
