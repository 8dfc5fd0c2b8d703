export type AlertCase = {
  alert: string
  when: string
  /** Where a name stands for rules of several severities. */
  severity?: string
  /** Between two values and two evaluations; default a minute. */
  every?: string
  /** Prometheus' notation for tests: `0+1x60` is 0, 1, 2, … 60. */
  series: Record<string, string>
  /** Times from the beginning at which it fires; and at which it does not. */
  fires: string[]
  quiet: string[]
}

const replica = (metric: string, labels = '', instance = 'a:8484') =>
  `${metric}{job="vividly-tracker",instance="${instance}"${labels === '' ? '' : `,${labels}`}}`
const requests = (status: string, instance?: string) =>
  replica('vividly_requests_total', `pipeline="content_generation",status="${status}"`, instance)
const stage = 'pipeline="content_generation",stage="video_generation"'
const breaker = (state: string, instance?: string) =>
  replica('vividly_circuit_breaker_state', `name="gemini",state="${state}"`, instance)
const bucket = (le: string) => replica('vividly_stage_duration_seconds_bucket', `${stage},status="completed",le="${le}"`)
const duration = (part: string) =>
  replica(`vividly_request_duration_seconds_${part}`, 'pipeline="content_generation",status="completed"')
const created = replica('vividly_requests_created_total', 'pipeline="content_generation"')
const up = (instance: string, job = 'vividly-tracker') => `up{job="${job}",instance="${instance}"}`

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'RequestFailureBudgetBurn',
    severity: 'page',
    when: 'every second request fails for half an hour, and it is over an hour after',
    series: {
      [requests('completed')]: '0+10x60 600+5x30 750+10x120',
      [requests('failed')]: '0x60 0+5x30 150x120',
    },
    fires: ['75m', '90m'],
    quiet: ['55m', '140m'],
  },
  {
    alert: 'RequestFailureBudgetBurn',
    severity: 'page',
    when: 'two replicas that tell the same count are no reason to see twice as many failures: two failures are below the floor',
    series: {
      [requests('completed')]: '0+0.05x120',
      [requests('completed', 'b:8484')]: '0+0.05x120',
      [requests('failed')]: '0x60 1 2 2x60',
      [requests('failed', 'b:8484')]: '0x60 1 2 2x60',
    },
    fires: [],
    quiet: ['62m', '65m', '80m', '110m'],
  },
  {
    alert: 'RequestFailureBudgetBurn',
    severity: 'page',
    when: 'a replica that restarts and has never counted before is no failure',
    series: {
      [requests('completed')]: '0+10x60 _x60',
      [requests('completed', 'b:8484')]: '_x60 600+10x60',
      [requests('failed')]: '3x60 _x60',
      [requests('failed', 'b:8484')]: '_x60 3x60',
    },
    fires: [],
    quiet: ['59m', '62m', '65m', '100m'],
  },
  {
    alert: 'RequestFailureBudgetBurn',
    severity: 'ticket',
    when: 'four of a hundred fail all day, which no page is for',
    series: {
      [requests('completed')]: '0+9.6x2880',
      [requests('failed')]: '0x1440 0+0.4x1440',
    },
    fires: ['46h'],
    quiet: ['23h'],
  },
  {
    alert: 'RequestFailureBudgetBurn',
    when: 'one of a thousand fails, as promised',
    series: { [requests('completed')]: '0+9.99x600', [requests('failed')]: '0+0.01x600' },
    fires: [],
    quiet: ['1h', '5h', '9h'],
  },
  {
    alert: 'CircuitBreakerOpen',
    when: 'it opens for ten minutes',
    every: '15s',
    series: { [breaker('open')]: '0x8 1x40 0x40', [breaker('closed')]: '1x8 0x40 1x40' },
    fires: ['2m45s', '12m'],
    quiet: ['1m45s', '14m'],
  },
  {
    alert: 'CircuitBreakerOpen',
    when: 'it is half open',
    every: '15s',
    series: { [breaker('open')]: '0x40', [breaker('half_open')]: '1x40' },
    fires: [],
    quiet: ['1m', '5m', '9m'],
  },
  {
    alert: 'StageSlow',
    when: 'videos take five minutes that took one all day',
    every: '5m',
    series: {
      [bucket('60')]: '0+50x288 14400x12',
      [bucket('300')]: '0+50x300',
      [bucket('+Inf')]: '0+50x300',
      [replica('vividly_stages_total', `${stage},status="completed"`)]: '0+50x300',
    },
    fires: ['24h45m'],
    quiet: ['20h'],
  },
  {
    alert: 'StageSlow',
    when: 'one single video was slow',
    every: '5m',
    series: {
      [bucket('60')]: '0+50x288 14400x12',
      [bucket('300')]: '0+50x288 14401x12',
      [bucket('+Inf')]: '0+50x288 14401x12',
      [replica('vividly_stages_total', `${stage},status="completed"`)]: '0+50x288 14401x12',
    },
    fires: [],
    quiet: ['24h5m', '24h20m', '24h50m'],
  },
  {
    alert: 'RequestsSlow',
    when: 'requests take six minutes that took three all day, then three again',
    every: '5m',
    series: {
      [duration('sum')]: '0+9000x288 2592000+18000x12 2808000+9000x24',
      [duration('count')]: '0+50x324',
      [requests('completed')]: '0+50x324',
    },
    fires: ['24h45m'],
    quiet: ['20h', '26h30m'],
  },
  {
    alert: 'StageStuck',
    when: 'a stage runs for over half an hour, then ends',
    series: { [replica('vividly_stage_oldest_running_seconds', stage)]: '60+60x45 30x20' },
    fires: ['35m', '44m'],
    quiet: ['10m', '28m', '55m'],
  },
  {
    alert: 'QueueGrowing',
    when: 'nobody takes requests up, then workers come back',
    series: {
      [replica('vividly_oldest_request_age_seconds', 'pipeline="content_generation",status="pending"')]: '5x10 60+60x10 _x20',
      [replica('vividly_queue_depth', 'pipeline="content_generation"')]: '2x10 10+10x10 0x20',
    },
    fires: ['16m', '20m'],
    quiet: ['9m', '35m'],
  },
  {
    alert: 'NoRequestsArrive',
    when: 'twenty an hour come, then none, then some',
    series: { [created]: '0+1x90 90x30 90+1x60' },
    fires: ['110m'],
    quiet: ['80m', '95m', '140m'],
  },
  {
    alert: 'NoRequestsArrive',
    when: 'a night with three requests an hour',
    series: { [created]: '0+0.05x300' },
    fires: [],
    quiet: ['100m', '200m', '290m'],
  },
  {
    alert: 'StageSilent',
    when: 'videos are begun and none ends',
    series: {
      [replica('vividly_running_stages', stage)]: '5x100',
      [replica('vividly_stages_total', `${stage},status="completed"`)]: '0+1x30 30x40 30+1x30',
      [replica('vividly_stages_total', `${stage},status="failed"`)]: '0x100',
    },
    fires: ['60m'],
    quiet: ['30m', '85m'],
  },
  {
    alert: 'TrackerDown',
    when: 'the only replica stops answering, and comes back',
    every: '15s',
    series: { [up('a:8484')]: '1x20 0x20 1x40' },
    fires: ['6m', '9m'],
    quiet: ['4m', '13m'],
  },
  {
    alert: 'TrackerDown',
    when: 'there is no such target at all',
    every: '15s',
    series: { [up('c:8888', 'vividly-collector')]: '1x20' },
    fires: ['3m'],
    quiet: ['0s'],
  },
  {
    alert: 'TrackerReplicaDown',
    when: 'one of two stops answering',
    series: { [up('a:8484')]: '1x40', [up('b:8484')]: '1x5 0x10 1x20' },
    fires: ['10m'],
    quiet: ['4m', '20m'],
  },
  {
    alert: 'TrackerReplicaDown',
    when: 'none answers, which has its own alert',
    series: { [up('a:8484')]: '1x5 0x20', [up('b:8484')]: '1x5 0x20' },
    fires: [],
    quiet: ['4m', '10m', '20m'],
  },
  {
    alert: 'DatabaseDown',
    when: 'no replica reaches it, then they do',
    every: '15s',
    series: { [replica('vividly_database_up')]: '1x10 0x20 1x30', [replica('vividly_database_up', '', 'b:8484')]: '1x8 0x22 1x30' },
    fires: ['5m'],
    quiet: ['2m30s', '11m'],
  },
  {
    alert: 'IngestFailing',
    when: 'half of what is sent is answered 503',
    series: {
      [replica('vividly_ingest_requests_total', 'path="/v1/logs",status="200"')]: '0+60x10 600+30x10 900+60x30',
      [replica('vividly_ingest_requests_total', 'path="/v1/logs",status="503"')]: '0x10 0+30x10 300x30',
    },
    fires: ['16m'],
    quiet: ['9m', '35m'],
  },
  {
    alert: 'RecordsRefused',
    when: 'three records are refused',
    series: { [replica('vividly_dead_letters_total')]: '5x10 8x120' },
    fires: ['15m', '30m'],
    quiet: ['9m', '100m'],
  },
  {
    alert: 'PartitionsRunOut',
    when: 'nothing makes them any more, then it does',
    series: { [replica('vividly_partitions_ahead_seconds', 'table="request_events"')]: '604800x10 100000x30 604800x30' },
    fires: ['25m'],
    quiet: ['9m', '15m', '50m'],
  },
  {
    alert: 'StorageSoonFull',
    when: 'a gigabyte grows by 200 MB an hour',
    every: '5m',
    series: { [replica('vividly_database_size_bytes')]: '1e9x72 1e9+17e6x72 2.2e9x144' },
    fires: ['11h'],
    quiet: ['5h', '22h'],
  },
  {
    alert: 'CollectorDown',
    when: 'it stops answering for five minutes',
    every: '15s',
    series: { [up('c:8888', 'vividly-collector')]: '1x20 0x20 1x30' },
    fires: ['7m'],
    quiet: ['4m', '13m'],
  },
  {
    alert: 'CollectorQueueFilling',
    when: 'the tracker is away for half an hour',
    series: {
      'otelcol_exporter_queue_size{exporter="otlp_http/tracker"}': '0x10 60x30 0x30',
      'otelcol_exporter_queue_capacity{exporter="otlp_http/tracker"}': '100x70',
    },
    fires: ['20m'],
    quiet: ['9m', '55m'],
  },
  { alert: 'Watchdog', when: 'always', series: { [up('a:8484')]: '1x10' }, fires: ['0s', '5m'], quiet: [] },
]
