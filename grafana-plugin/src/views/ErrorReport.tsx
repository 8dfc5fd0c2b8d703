import { t } from '../text/t.ts'
import { JsonFold } from './JsonFold.tsx'

const STACK_KEYS = ['exception.stacktrace', 'stacktrace', 'stack', 'traceback']
const TYPE_KEYS = ['exception.type', 'error.type', 'type']

/** An error as it was told: its message in full, the stack and the rest folded. */
export function ErrorReport({ message, details }: { message: string | null; details: unknown }) {
  const type = pick(details, TYPE_KEYS)
  const stack = pick(details, STACK_KEYS)
  if (!message && !type && !stack) return null
  return (
    <div className="vt-error vt-tone-danger">
      {type && (
        <p className="vt-error__type">
          <bdi>{type}</bdi>
        </p>
      )}
      {message && (
        <p className="vt-error__message">
          <bdi>{message}</bdi>
        </p>
      )}
      {stack && (
        <details className="vt-fold">
          <summary>{t('Stack')}</summary>
          <pre className="vt-pre">
            <bdi>{stack}</bdi>
          </pre>
        </details>
      )}
      <JsonFold title={t('Details')} value={without(details, [...STACK_KEYS, ...TYPE_KEYS])} />
    </div>
  )
}

function pick(details: unknown, keys: readonly string[]): string | undefined {
  if (!isRecord(details)) return undefined
  for (const key of keys) {
    const value = details[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

function without(details: unknown, keys: readonly string[]): unknown {
  if (!isRecord(details)) return details
  return Object.fromEntries(Object.entries(details).filter(([key]) => !keys.includes(key)))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
