export type Severity = 'page' | 'ticket' | 'none'

export type AlertSpec = {
  /** Also the name of its runbook. */
  name: string
  severity: Severity
  /** Who is called. */
  owner: 'pipeline' | 'platform'
  expr: string
  /** How long it must hold; default at once. */
  for?: string
  /** How long it stays after its cause is gone, against flapping. */
  keepFiringFor?: string
  /** One line, with the value in it. */
  summary: string
  /** What it means for whom. */
  description: string
  /** The page's query that lists requests to look at, newest first. */
  examples?: string
  labels?: Record<string, string>
}

export type AlertRule = {
  alert: string
  expr: string
  for?: string
  keep_firing_for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}
export type RecordingRule = { record: string; expr: string; labels?: Record<string, string> }
export type RuleGroup = { name: string; interval?: string; rules: (AlertRule | RecordingRule)[] }

/** Where the tracker's page is for people: it says so itself, so that links need no setting of their own. */
const TRACKER_URL =
  '{{ with query "last_over_time(vividly_tracker_info[1d])" }}{{ . | first | label "public_url" }}{{ else }}http://127.0.0.1:8484{{ end }}'
/** The hour around the telling, in absolute times: who opens the link tomorrow sees what was then. */
const RANGE = `from=${momentFromNow(-1800)}&to=${momentFromNow(1800)}`
/** What is under way may have begun long before. */
const OF_NOW = /status=(active|pending)/

/** As ISO 8601, when the template is filled. */
function momentFromNow(seconds: number): string {
  return `{{ with query "time() + ${seconds}" }}{{ (. | first | value | toTime).Format "2006-01-02T15:04:05Z" }}{{ end }}`
}

/** A rule with all that whoever is woken by it needs: whose it is, what it means, what to do, what to look at. */
export function alertRule(spec: AlertSpec): AlertRule {
  const { examples = 'status=failed' } = spec
  return {
    alert: spec.name,
    expr: spec.expr,
    ...(spec.for !== undefined && { for: spec.for }),
    ...(spec.keepFiringFor !== undefined && { keep_firing_for: spec.keepFiringFor }),
    labels: { severity: spec.severity, owner: spec.owner, ...spec.labels },
    annotations: {
      summary: spec.summary,
      description: spec.description,
      runbook_url: `${TRACKER_URL}/runbooks/${spec.name}`,
      dashboard_url: `${TRACKER_URL}/monitoring/dashboard?${RANGE}`,
      examples_url: `${TRACKER_URL}/monitoring/dashboard?${OF_NOW.test(examples) ? examples : `${examples}&${RANGE}`}`,
    },
  }
}
