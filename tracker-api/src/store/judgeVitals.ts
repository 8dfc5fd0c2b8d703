/** `wrong`: people must act. `doubtful`: it works, and will not for ever. */
export type Verdict = 'well' | 'doubtful' | 'wrong'
export type Finding = { what: string; verdict: Verdict; found: string; todo?: string }

/** What one look at the database tells. Durations are seconds. */
export type Vitals = {
  version: number
  fsync: string
  synchronous_commit: string
  missing_migrations: string[]
  unknown_migrations: string[]
  partitions: { table: string; ahead_seconds: number; overdue: number }[]
  marked_hours: number
  oldest_transaction_seconds: number
  dead_letters_last_day: number
  connections: number
  max_connections: number
  /** Age of the newest request; null: there is none. */
  newest_request_seconds: number | null
}

const MIN_VERSION = 160_000
const HOUR = 3_600
/** Partitions are made each hour; with less than this ahead nobody has made them for long. */
const MIN_AHEAD_SECONDS = 12 * HOUR
const MAX_MARKED_HOURS = 48
const MAX_TRANSACTION_SECONDS = 300

/** Judges the vitals. Pure; the order is that of importance. */
export function judgeVitals(vitals: Vitals): Finding[] {
  const { missing_migrations: missing, unknown_migrations: unknown } = vitals
  const behind = vitals.partitions.filter(({ ahead_seconds }) => ahead_seconds < MIN_AHEAD_SECONDS)
  const overdue = vitals.partitions.reduce((sum, partition) => sum + partition.overdue, 0)
  const share = vitals.connections / vitals.max_connections
  return [
    verdict('Postgres', vitals.version >= MIN_VERSION, 'wrong', `version ${Math.floor(vitals.version / 10_000)}`,
      'Use Postgres 16 or newer.'),
    verdict('schema', missing.length === 0, 'wrong', listed(missing, 'missing: ') ?? 'complete',
      'Run `npm run tracker -- migrate`.'),
    verdict('schema of newer releases', unknown.length === 0, 'doubtful', listed(unknown, 'has also ') ?? 'none',
      'A newer tracker migrated it; it works with this release, finish the roll-out.'),
    verdict('durability', vitals.fsync === 'on' && vitals.synchronous_commit !== 'off', 'wrong', `fsync ${vitals.fsync}, synchronous_commit ${vitals.synchronous_commit}`,
      'Set fsync and synchronous_commit to on: what was acknowledged could be lost in a crash.'),
    verdict('partitions ahead', behind.length === 0, 'wrong', listed(behind.map(({ table }) => table), 'under 12 h: ') ?? `${vitals.partitions.length} tables`,
      'A running tracker makes them each hour; `npm run tracker -- retention` does it now.'),
    verdict('retention', overdue === 0, 'doubtful', `${overdue} partitions overdue`,
      '`npm run tracker -- retention` drops them; if some stay, a long transaction holds them.'),
    verdict('hourly figures', vitals.marked_hours <= MAX_MARKED_HOURS, 'doubtful', `${vitals.marked_hours} hours wait`,
      'A running tracker makes them within seconds; look into its log for why it does not.'),
    verdict('long transactions', vitals.oldest_transaction_seconds <= MAX_TRANSACTION_SECONDS, 'doubtful', `oldest ${Math.round(vitals.oldest_transaction_seconds)} s`,
      'It holds back vacuum and the trimming of the change log: find it in pg_stat_activity by xact_start.'),
    verdict('connections', share <= 0.8, 'doubtful', `${vitals.connections} of ${vitals.max_connections}`,
      'A replica of the tracker takes up to 16: raise max_connections or use a pooler.'),
    verdict('refused records', vitals.dead_letters_last_day === 0, 'doubtful', `${vitals.dead_letters_last_day} in the last day`,
      'Their reasons stand in the table dead_letters.'),
    verdict('requests', vitals.newest_request_seconds !== null, 'doubtful', vitals.newest_request_seconds === null ? 'none ever' : `newest ${Math.round(vitals.newest_request_seconds)} s ago`,
      'Does OTEL_EXPORTER_OTLP_ENDPOINT of the services point here?'),
  ]
}

function verdict(what: string, isWell: boolean, otherwise: Verdict, found: string, todo: string): Finding {
  return isWell ? { what, verdict: 'well', found } : { what, verdict: otherwise, found, todo }
}

function listed(names: readonly string[], before: string): string | undefined {
  return names.length === 0 ? undefined : before + names.join(', ')
}
