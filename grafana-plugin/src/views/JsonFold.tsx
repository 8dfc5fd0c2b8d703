/** Raw data, folded; nothing at all when there is none. */
export function JsonFold({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null
  if (typeof value === 'object' && Object.keys(value).length === 0) return null
  return (
    <details className="vt-fold">
      <summary>{title}</summary>
      <pre className="vt-pre">
        <bdi>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</bdi>
      </pre>
    </details>
  )
}
