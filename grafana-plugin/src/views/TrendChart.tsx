import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

import { formatDuration } from './formatDuration.ts'
import type { Tone } from './states.ts'

const HEIGHT = 180
const DAY_S = 86_400

type Line = { label: string; tone: Tone; values: readonly (number | null)[] }
type Props = {
  title: string
  /** Unix seconds. */
  times: readonly number[]
  timezone: string
  unit: 'count' | 'percent' | 'seconds'
  lines: readonly Line[]
}

const FORMATS: Record<Props['unit'], (value: number) => string> = {
  count: (value) => value.toLocaleString('en-US'),
  percent: (value) => `${Math.round(value * 10) / 10} %`,
  seconds: (value) => formatDuration(value * 1000),
}

/** Lines over time, with their values under the pointer; who sees no picture reads the newest values in its name. */
export function TrendChart({ title, times, timezone, unit, lines }: Props) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { current } = host
    if (!current) return undefined
    const chart = new uPlot(options({ title, times, timezone, unit, lines }, current), [[...times], ...lines.map(({ values }) => [...values])], current)
    const resizing = new ResizeObserver(() => chart.setSize({ width: current.clientWidth, height: HEIGHT }))
    resizing.observe(current)
    return () => {
      resizing.disconnect()
      chart.destroy()
    }
  }, [title, times, timezone, unit, lines])
  const newest = lines.map(({ label, values }) => {
    const value = values.at(-1)
    return `${label} ${value == null ? 'unknown' : FORMATS[unit](value)}`
  })
  return (
    <figure className="vt-chart">
      <figcaption>{title}</figcaption>
      <div ref={host} role="img" aria-label={`${title}, newest: ${newest.join(', ')}`} />
    </figure>
  )
}

function options({ times, timezone, unit, lines }: Props, host: HTMLElement): uPlot.Options {
  const format = FORMATS[unit]
  const axis = {
    stroke: drawnColour(host, '--vt-muted'),
    grid: { stroke: drawnColour(host, '--vt-border'), width: 1 },
    ticks: { show: false },
  }
  const isDays = (times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * DAY_S
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    ...(isDays ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }),
  })
  return {
    width: host.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timezone),
    scales: { y: { range: (_, _least, most) => [0, unit === 'percent' ? 100 : Math.max(most * 1.1, 1)] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((seconds) => clock.format(seconds * 1000)) },
      { ...axis, size: 64, values: (_, splits) => splits.map(format) },
    ],
    series: [
      { value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...lines.map(({ label, tone }) => ({
        label,
        stroke: drawnColour(host, `--vt-${tone}`),
        width: 2,
        points: { size: 5 },
        value: (_: uPlot, value: number | null) => (value == null ? '–' : format(value)),
      })),
    ],
  }
}

/** A custom property as a canvas takes it: what the theme gives may be `light-dark(…)`. */
function drawnColour(host: HTMLElement, property: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${property})`
  host.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
