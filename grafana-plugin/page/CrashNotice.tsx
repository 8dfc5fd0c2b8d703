import { Component } from 'react'

import { t } from '../src/text/t.ts'

type State = { error: Error | undefined }

/** Instead of a blank page: what happened, and one way on. */
export class CrashNotice extends Component<{ children: React.ReactNode }, State> {
  override state: State = { error: undefined }

  static getDerivedStateFromError(error: Error): State {
    return { error }
  }

  override render(): React.ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <main className="crash" role="alert">
        <h1>{t('The page could not be drawn')}</h1>
        <p>{t('Requests are still tracked; only their display stopped. {error}', { error: error.message })}</p>
        <button type="button" onClick={() => window.location.reload()}>
          {t('Load the page again')}
        </button>
      </main>
    )
  }
}
