import './Sparkline.css'

const WIDTH = 120
const HEIGHT = 24

/** The shape of some hours; the words beside it carry the figures. @param values oldest first, null: unknown */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const bars = toBars(values)
  return (
    <svg className="vt-spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path className="vt-spark__before" d={bars.slice(0, -1).join('')} />
      <path className="vt-spark__last" d={bars.at(-1)} />
    </svg>
  )
}

function toBars(values: readonly (number | null)[]): string[] {
  const most = Math.max(...values.map((value) => value ?? 0), 0)
  const step = WIDTH / Math.max(1, values.length)
  return values.map((value, index) => {
    if (value === null) return ''
    const height = Math.max(1, most === 0 ? 0 : (value / most) * HEIGHT)
    return `M${(index * step).toFixed(2)} ${HEIGHT}h${(step * 0.7).toFixed(2)}v${(-height).toFixed(2)}h${(-step * 0.7).toFixed(2)}z`
  })
}
