import { BURN_RATES, SLO } from './slo.ts'
import { alertRule } from './rule.ts'
import type { RuleGroup } from './rule.ts'

const burns = BURN_RATES.map(({ factor, long, short, severity }) => {
  const budget = `${factor} * (1 - ${SLO.objective})`
  const over = (window: string) => `pipeline:vividly_request_failures:ratio_rate${window} > ${budget}`
  const failures = `sum by (pipeline) (increase(cluster:vividly_requests_total{status="failed"}[${long}]))`
  return alertRule({
    name: 'RequestFailureBudgetBurn',
    severity,
    owner: 'pipeline',
    expr: `${over(long)} and ${over(short)} and ${failures} >= ${SLO.leastFailures}`,
    for: severity === 'page' ? '1m' : '5m',
    keepFiringFor: '5m',
    labels: { long_window: long },
    summary: '{{ $value | humanizePercentage }} of the requests of {{ $labels.pipeline }} failed over ' + long,
    description: `Students get no video. At this rate the budget of 30 days is burnt ${factor} times too fast.`,
  })
})

/** What students and the people who run the pipeline notice. */
export const pipelineAlerts: RuleGroup = {
  name: 'vividly-pipeline',
  rules: [
    ...burns,
    alertRule({
      name: 'CircuitBreakerOpen',
      severity: 'page',
      owner: 'pipeline',
      expr: 'cluster:vividly_circuit_breaker_state{state="open"} == 1',
      for: '15s',
      keepFiringFor: '1m',
      examples: 'breaker={{ $labels.name }}',
      summary: 'Circuit breaker {{ $labels.name }} is open',
      description: 'Calls to this provider are refused after repeated failures; requests that need it wait or fail.',
    }),
    alertRule({
      name: 'CircuitBreakerRecentlyOpen',
      severity: 'none',
      owner: 'pipeline',
      expr: 'max_over_time(cluster:vividly_circuit_breaker_state{state="open"}[40m]) == 1',
      examples: 'breaker={{ $labels.name }}',
      summary: 'Circuit breaker {{ $labels.name }} was open within the last 40 minutes',
      description: 'Told to nobody. Keeps the failures of an outage, which the burn rates still see, from waking somebody after it is over.',
    }),
    alertRule({
      name: 'StageSlow',
      severity: 'ticket',
      owner: 'pipeline',
      expr:
        'stage:vividly_stage_duration_seconds:p95_15m > 2 * stage:vividly_stage_duration_seconds:p95_normal ' +
        'and sum by (pipeline, stage) (increase(cluster:vividly_stages_total{status="completed"}[15m])) >= 5',
      for: '5m',
      keepFiringFor: '5m',
      examples: 'stage={{ $labels.stage }}',
      summary: 'p95 of {{ $labels.stage }} is {{ $value | humanizeDuration }}, over twice its normal of the last 7 days',
      description: 'Students wait longer than they are used to.',
    }),
    alertRule({
      name: 'RequestsSlow',
      severity: 'ticket',
      owner: 'pipeline',
      expr:
        'pipeline:vividly_request_duration_seconds:average_15m > 1.5 * pipeline:vividly_request_duration_seconds:average_normal ' +
        'and sum by (pipeline) (increase(cluster:vividly_requests_total{status="completed"}[15m])) >= 5',
      for: '5m',
      keepFiringFor: '5m',
      examples: 'status=completed',
      summary: 'Requests of {{ $labels.pipeline }} take {{ $value | humanizeDuration }} on average, over 1.5 times their normal',
      description: 'Students wait longer than they are used to. The stage that is slow has its own alert, if it is one.',
    }),
    alertRule({
      name: 'StageStuck',
      severity: 'page',
      owner: 'pipeline',
      expr:
        'cluster:vividly_stage_oldest_running_seconds > clamp_min(10 * stage:vividly_stage_duration_seconds:p95_normal, 600) ' +
        'or (cluster:vividly_stage_oldest_running_seconds > 1800)',
      for: '2m',
      keepFiringFor: '2m',
      examples: 'stage={{ $labels.stage }}&status=active&sort=oldest',
      summary: 'A request has been in {{ $labels.stage }} for {{ $value | humanizeDuration }}',
      description: 'Its worker died or waits for something that never comes; nothing ends it by itself.',
    }),
    alertRule({
      name: 'QueueGrowing',
      severity: 'page',
      owner: 'pipeline',
      expr: 'cluster:vividly_oldest_request_age_seconds{status="pending"} > 120 and on (pipeline) cluster:vividly_queue_depth > 0',
      for: '1m',
      keepFiringFor: '2m',
      examples: 'status=pending',
      summary: 'The oldest waiting request of {{ $labels.pipeline }} has waited {{ $value | humanizeDuration }}',
      description: 'Requests come faster than workers take them up, or no worker runs.',
    }),
    alertRule({
      name: 'NoRequestsArrive',
      severity: 'ticket',
      owner: 'pipeline',
      expr:
        'increase(cluster:vividly_requests_created_total[15m]) == 0 ' +
        'and increase(cluster:vividly_requests_created_total[1h] offset 15m) >= 12',
      keepFiringFor: '5m',
      examples: 'sort=newest',
      summary: 'No request of {{ $labels.pipeline }} was created for 15 minutes',
      description: 'There were twelve or more in the hour before: the intake is down, or what it sends is lost on the way.',
    }),
    alertRule({
      name: 'StageSilent',
      severity: 'ticket',
      owner: 'pipeline',
      expr:
        'cluster:vividly_running_stages > 0 and on (pipeline, stage) ' +
        '(sum by (pipeline, stage) (increase(cluster:vividly_stages_total[15m])) == 0)',
      for: '10m',
      keepFiringFor: '5m',
      examples: 'stage={{ $labels.stage }}&status=active',
      summary: '{{ $value }} requests are in {{ $labels.stage }}, and none has left it for 15 minutes',
      description: 'The stage takes work and ends none.',
    }),
  ],
}
