import { Component } from 'react'

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
        <h1>The page could not be drawn</h1>
        <p>Requests are still tracked; only their display stopped. {error.message}</p>
        <button type="button" onClick={() => window.location.reload()}>
          Load the page again
        </button>
      </main>
    )
  }
}
