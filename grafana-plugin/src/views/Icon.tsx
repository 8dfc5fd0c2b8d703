import type { Shape } from './states.ts'

export type StageIconName = 'check' | 'retrieve' | 'script' | 'video' | 'process' | 'notify' | 'other'
export type ActionIconName =
  | 'search'
  | 'copy'
  | 'link'
  | 'close'
  | 'pause'
  | 'play'
  | 'sun'
  | 'moon'
  | 'system'
  | 'help'
  | 'chevron'
  | 'external'
export type IconName = StageIconName | ActionIconName | Shape

// A 16 px grid, one stroke of 1.5, round ends; filled shapes carry their own fill.
const PATHS: Record<IconName, React.ReactNode> = {
  ring: <circle cx="8" cy="8" r="5" />,
  dot: <circle cx="8" cy="8" r="4.5" fill="currentColor" stroke="none" />,
  half: (
    <>
      <circle cx="8" cy="8" r="5" />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" stroke="none" />
    </>
  ),
  square: <rect x="3.5" y="3.5" width="9" height="9" rx="1" fill="currentColor" stroke="none" />,
  triangle: <path d="M8 2.8 14 13H2z" fill="currentColor" stroke="none" />,
  loop: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8" />,
  bars: <path d="M5.5 4v8M10.5 4v8" strokeWidth="2.5" />,
  clock: <path d="M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zm0 2.5V8l1.8 1.4" />,
  hatched: <path d="M3 7l4-4M3 12l9-9M6 13l7-7M11 13l2-2" />,
  tick: <path d="m3.5 8.5 3 3 6-7" />,
  cross: <path d="m4.2 4.2 7.6 7.6m0-7.6-7.6 7.6" />,
  dash: <path d="M4 8h8" />,
  check: <path d="M8 2 3 4v4c0 3 2.2 5 5 6 2.8-1 5-3 5-6V4zM5.8 8l1.6 1.6 2.8-3.2" />,
  retrieve: <path d="M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm3 7 3.5 3.5M5.3 6h3.4M5.3 8h2.2" />,
  script: <path d="M4 2h5.5L12.5 5v9H4zM9.5 2v3h3M6 8h4.5M6 10.8h3" />,
  video: <path d="M2.5 3.5h11v9h-11zM6.8 6v4l3.4-2z" />,
  process: <path d="M2.5 5h6M12 5h1.5M2.5 11H4M7.5 11h6M10.2 3.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM5.8 9.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z" />,
  notify: <path d="M2.5 4h11v8h-11zM3 4.6l5 4 5-4" />,
  other: <path d="m8 2.5 5.5 5.5L8 13.5 2.5 8z" />,
  search: <path d="M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm3 7 3.5 3.5" />,
  copy: <path d="M6 6h7v7H6zM10 6V3H3v7h3" />,
  link: <path d="M6.8 9.2a2.4 2.4 0 0 0 3.5.2l2-2a2.47 2.47 0 0 0-3.5-3.5l-.9.9M9.2 6.8a2.4 2.4 0 0 0-3.5-.2l-2 2a2.47 2.47 0 0 0 3.5 3.5l.9-.9" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  play: <path d="M5 3.2v9.6L12.5 8z" />,
  sun: <path d="M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1" />,
  moon: <path d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z" />,
  system: <path d="M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5" />,
  help: <path d="M6 6a2 2 0 1 1 2.8 1.9c-.5.3-.8.7-.8 1.3v.3M8 12.2v.1" />,
  chevron: <path d="m6 4 4 4-4 4" />,
  external: <path d="M9.5 3H13v3.5M13 3 7.5 8.5M11.5 9.5V13H3V4.5h3.5" />,
}

/** Decoration: the word beside it, or its control's label, carries the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: 12 | 14 | 16 | 20 }) {
  return (
    <svg
      className="vt-icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  )
}
