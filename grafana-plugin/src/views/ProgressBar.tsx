import { t } from '../text/t.ts'
import type { ProgressRange } from './progressRange.ts'
import './ProgressBar.css'

type Props = {
  /** Of the stages, as the API counts them. */
  percentage: number
  tone: 'info' | 'success' | 'warning' | 'danger' | 'neutral'
  label: string
  /** Of the time; drawn instead of the percentage where it is known. */
  range?: ProgressRange | undefined
}

/** Solid as far as is sure, lighter as far as may be. */
export function ProgressBar({ percentage, tone, label, range }: Props) {
  const value = Math.max(0, Math.min(100, percentage))
  const { lowerPercent, upperPercent } = range ?? { lowerPercent: value, upperPercent: value }
  const said = range && t('Of the time that its stages usually take, {from} to {to} % are over', { from: lowerPercent, to: upperPercent })
  return (
    <div className={`vt-progress vt-tone-${tone}`} title={said}>
      <div
        className="vt-progress__track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={value}
      >
        {upperPercent > lowerPercent && <div className="vt-progress__fill vt-progress__fill--maybe" style={{ width: `${upperPercent}%` }} />}
        <div className="vt-progress__fill" style={{ width: `${lowerPercent}%` }} />
      </div>
      <span className="vt-progress__value vt-num" aria-hidden="true">
        {value} %
      </span>
    </div>
  )
}
