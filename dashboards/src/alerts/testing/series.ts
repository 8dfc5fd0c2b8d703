/** Series by their names, as Prometheus' tests write them. */
export const replica = (metric: string, labels = '', instance = 'a:8484') =>
  `${metric}{job="vividly-tracker",instance="${instance}"${labels === '' ? '' : `,${labels}`}}`
export const requests = (status: string, instance?: string) =>
  replica('vividly_requests_total', `pipeline="content_generation",status="${status}"`, instance)
export const stage = 'pipeline="content_generation",stage="video_generation"'
export const breaker = (state: string, instance?: string) =>
  replica('vividly_circuit_breaker_state', `name="gemini",state="${state}"`, instance)
export const bucket = (le: string) => replica('vividly_stage_duration_seconds_bucket', `${stage},status="completed",le="${le}"`)
export const duration = (part: string) =>
  replica(`vividly_request_duration_seconds_${part}`, 'pipeline="content_generation",status="completed"')
export const created = replica('vividly_requests_created_total', 'pipeline="content_generation"')
export const canary = (result: string) => `vividly_canary_requests_total{job="vividly-canary",instance="d:8491",result="${result}"}`
export const kafka = (metric: string, partition: number) =>
  `otelcol_kafka_receiver_${metric}{job="vividly-collector",instance="f:8889",topic="vividly_logs",partition="${partition}"}`
export const up = (instance: string, job = 'vividly-tracker') => `up{job="${job}",instance="${instance}"}`
