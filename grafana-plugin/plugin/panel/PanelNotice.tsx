import { Alert } from '@grafana/ui'

import { t } from '../../src/text/t.ts'

/** Instead of the views: what is missing, and what to do. @param text translated, or a text marked for it */
export function PanelNotice({ text }: { text: string }) {
  return (
    <div className="vt-embed__notice">
      <Alert severity="info" title={t(text)} />
    </div>
  )
}
