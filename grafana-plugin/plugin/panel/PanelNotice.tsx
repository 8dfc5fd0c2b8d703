import { Alert } from '@grafana/ui'

/** Instead of the views: what is missing, and what to do. */
export function PanelNotice({ text }: { text: string }) {
  return (
    <div className="vt-embed__notice">
      <Alert severity="info" title={text} />
    </div>
  )
}
