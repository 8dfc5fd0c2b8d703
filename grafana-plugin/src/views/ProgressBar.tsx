import './ProgressBar.css'

type Props = { percentage: number; tone: 'info' | 'success' | 'warning' | 'danger' | 'neutral'; label: string }

export function ProgressBar({ percentage, tone, label }: Props) {
  const value = Math.max(0, Math.min(100, percentage))
  return (
    <div className={`vt-progress vt-tone-${tone}`}>
      <div
        className="vt-progress__track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={value}
      >
        <div className="vt-progress__fill" style={{ width: `${value}%` }} />
      </div>
      <span className="vt-progress__value vt-num" aria-hidden="true">
        {value} %
      </span>
    </div>
  )
}
