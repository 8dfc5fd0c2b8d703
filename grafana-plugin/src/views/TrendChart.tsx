import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

import { formatCount, timeFormat } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { formatDuration } from './formatDuration.ts'
import type { Tone } from './states.ts'

const HEIGHT = 180
const DAY_S = 86_400
/** Steps of an axis that people say in one word. */
const ROUND_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 21_600, 43_200, DAY_S]

type Line = { label: string; tone: Tone; values: readonly (number | null)[] }
type Props = {
  title: string
  /** Unix seconds. */
  times: readonly number[]
  /** What was asked for, in Unix seconds: the axis shows all of it, however few points there are. */
  window: readonly [from: number, to: number]
  timezone: string
  unit: 'count' | 'percent' | 'seconds'
  lines: readonly Line[]
  /** When something happened that may have changed them: dashed lines. Unix seconds. */
  marks: readonly number[]
}

const FORMATS: Record<Props['unit'], (value: number) => string> = {
  count: formatCount,
  percent: (value) => `${Math.round(value * 10) / 10} %`,
  seconds: (value) => formatDuration(value * 1000),
}

/** Lines over time, with their values under the pointer; who sees no picture reads the newest values in its name. */
export function TrendChart({ title, times, window, timezone, unit, lines, marks }: Props) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { current } = host
    if (!current) return undefined
    const chart = new uPlot(options({ title, times, window, timezone, unit, lines, marks }, current), [[...times], ...lines.map(({ values }) => [...values])], current)
    const resizing = new ResizeObserver(() => chart.setSize({ width: current.clientWidth, height: HEIGHT }))
    resizing.observe(current)
    return () => {
      resizing.disconnect()
      chart.destroy()
    }
  }, [title, times, window, timezone, unit, lines, marks])
  const newest = lines.map(({ label, values }) => {
    const value = values.at(-1)
    return `${label} ${value == null ? t('unknown') : FORMATS[unit](value)}`
  })
  return (
    <figure className="vt-chart">
      <figcaption>{title}</figcaption>
      <div ref={host} role="img" aria-label={t('{title}, newest: {values}', { title, values: newest.join(', ') })} />
    </figure>
  )
}

function options({ times, window: [from, to], timezone, unit, lines, marks }: Props, host: HTMLElement): uPlot.Options {
  const format = FORMATS[unit]
  const axis = {
    stroke: drawnColour(host, '--vt-muted'),
    grid: { stroke: drawnColour(host, '--vt-border'), width: 1 },
    ticks: { show: false },
  }
  const isDays = to - from > 2 * DAY_S
  // The first step may have begun before what was asked for.
  const [first = from, last = to] = [times[0], times.at(-1)]
  const clock = timeFormat(isDays ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return {
    width: host.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timezone),
    scales: {
      x: {
        // What the pointer chose if that leaves points out, else all that was asked for.
        range: (_, least, most) => (least <= first && most >= last ? [Math.min(from, first), to] : [least, most]),
      },
      y: { range: (_, _least, most) => [0, unit === 'percent' ? 100 : Math.max(most * 1.1, 1)] },
    },
    axes: [
      { ...axis, size: 32, values: (_, splits) => splits.map((seconds) => clock.format(seconds * 1000)) },
      { ...axis, size: 64, values: (_, splits) => splits.map(format), ...(unit === 'seconds' && { incrs: ROUND_SECONDS }) },
    ],
    series: [
      { label: t('Time'), value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...lines.map(({ label, tone }) => ({
        label,
        stroke: drawnColour(host, `--vt-${tone}`),
        width: 2,
        points: { size: 5 },
        value: (_: uPlot, value: number | null) => (value == null ? '–' : format(value)),
      })),
    ],
    hooks: { drawClear: [(chart) => drawMarks(chart, marks, drawnColour(host, '--vt-shape'))] },
  }
}

/** Dashed lines behind the figures, each with a foot that is seen where the line is thin. */
function drawMarks(chart: uPlot, marks: readonly number[], colour: string): void {
  const { ctx, bbox } = chart
  const { min, max } = chart.scales['x'] ?? {}
  ctx.save()
  ctx.strokeStyle = colour
  ctx.fillStyle = colour
  ctx.lineWidth = devicePixelRatio
  for (const atSeconds of marks) {
    if (atSeconds < (min ?? 0) || atSeconds > (max ?? 0)) continue
    const x = Math.round(chart.valToPos(atSeconds, 'x', true)) + 0.5
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    const foot = 4 * devicePixelRatio
    ctx.beginPath()
    ctx.moveTo(x, bbox.top + bbox.height - foot * 1.5)
    ctx.lineTo(x - foot, bbox.top + bbox.height)
    ctx.lineTo(x + foot, bbox.top + bbox.height)
    ctx.fill()
  }
  ctx.restore()
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
