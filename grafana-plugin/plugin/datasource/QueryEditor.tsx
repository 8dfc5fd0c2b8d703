import type { QueryEditorProps, SelectableValue } from '@grafana/data'
import { InlineField, InlineFieldRow, InlineSwitch, Input, Select } from '@grafana/ui'

import { msg, t } from '../../src/text/t.ts'
import { STATUS_FILTERS } from '../../src/views/filter.ts'
import type { TrackerDataSource } from './TrackerDataSource.ts'
import { DEFAULT_LIMIT, readQuery } from './trackerQuery.ts'
import type { QueryType, TrackerOptions, TrackerQuery } from './trackerQuery.ts'

type Props = QueryEditorProps<TrackerDataSource, TrackerQuery, TrackerOptions>

const TYPES = [
  { value: 'requests', label: msg('Requests'), description: msg('One row a request') },
  { value: 'stats', label: msg('Today'), description: msg('Active, completed, failed, success rate, average duration') },
  { value: 'lanes', label: msg('In flight by stage'), description: msg('How many are in each stage, how old, what ails them') },
  { value: 'breakers', label: msg('Circuit breakers'), description: msg('As they are now') },
  { value: 'breaker_changes', label: msg('Changes of circuit breakers'), description: msg('Also as annotations') },
  { value: 'deployments', label: msg('Deploys'), description: msg('When versions of services were first heard of; also as annotations') },
  { value: 'hours', label: msg('Hours'), description: msg('Counts and durations by the hour of creation') },
  { value: 'trends', label: msg('Trends by stage'), description: msg('Percentiles by hour, over eight days by day') },
  { value: 'stages', label: msg('Stages of a request') },
  { value: 'events', label: msg('Events of a request'), description: msg('As logs') },
  { value: 'trace', label: msg('Trace of a request'), description: msg('As a trace') },
] as const satisfies readonly { value: QueryType; label: string; description?: string }[]
const STATUSES = STATUS_FILTERS.map((value) => ({ value, label: value }))
const NARROWINGS = [
  ['stage', msg('Stage')],
  ['organization', msg('Organization')],
  ['student', msg('Student ID')],
  ['breaker', msg('Stopped by breaker')],
  ['error_type', msg('Error type')],
] as const
const LIVE_TYPES: ReadonlySet<QueryType> = new Set(['requests', 'stats', 'lanes', 'breakers'])
const ONE_REQUEST: ReadonlySet<QueryType> = new Set(['stages', 'events', 'trace'])
const LABEL_WIDTH = 18

function types(): SelectableValue<QueryType>[] {
  return TYPES.map((type) => ({ value: type.value, label: t(type.label), ...('description' in type && { description: t(type.description) }) }))
}

/** What to ask the tracker for. A text runs when it is left or Enter is pressed, all else at once. */
export function QueryEditor({ query: stored, onChange, onRunQuery }: Props) {
  const query = readQuery(stored)
  const { queryType } = query
  const set = (change: Partial<TrackerQuery>) => onChange({ ...stored, ...change })
  const run = (change: Partial<TrackerQuery>) => {
    set(change)
    onRunQuery()
  }
  const text = (label: string, value: string | undefined, onText: (next: string) => void, placeholder = '') => (
    <InlineField key={label} label={label} labelWidth={LABEL_WIDTH}>
      <Input
        aria-label={label}
        width={32}
        value={value ?? ''}
        placeholder={placeholder}
        onChange={(event) => onText(event.currentTarget.value)}
        onBlur={onRunQuery}
        onKeyDown={(event) => event.key === 'Enter' && onRunQuery()}
      />
    </InlineField>
  )
  return (
    <>
      <InlineFieldRow>
        <InlineField label={t('Show')} labelWidth={LABEL_WIDTH}>
          <Select aria-label={t('Show')} width={32} options={types()} value={queryType} onChange={({ value }) => value && run({ queryType: value })} />
        </InlineField>
        {LIVE_TYPES.has(queryType) && (
          <InlineField label={t('Live')} tooltip={t('As it is now and each change of it. Else: as the dashboard’s time range says.')}>
            <InlineSwitch aria-label={t('Live')} value={query.live} onChange={(event) => run({ live: event.currentTarget.checked })} />
          </InlineField>
        )}
      </InlineFieldRow>
      {queryType === 'requests' && (
        <>
          <InlineFieldRow>
            <InlineField label={t('Status')} labelWidth={LABEL_WIDTH}>
              <Select aria-label={t('Status')} width={32} options={STATUSES} value={query.status ?? 'all'} onChange={({ value }) => value && run({ status: value })} />
            </InlineField>
            {text(t('Search'), query.text, (next) => set({ text: next }), t('topic, student, any ID'))}
          </InlineFieldRow>
          <InlineFieldRow>
            {NARROWINGS.map(([name, label]) =>
              text(t(label), query.narrow?.[name], (next) => set({ narrow: { ...query.narrow, [name]: next } })),
            )}
            <InlineField label={t('Limit')} labelWidth={LABEL_WIDTH}>
              <Input
                aria-label={t('Limit')}
                type="number"
                min={1}
                max={1000}
                width={12}
                value={query.limit ?? DEFAULT_LIMIT}
                onChange={(event) => set({ limit: Math.min(1_000, Math.max(1, event.currentTarget.valueAsNumber || DEFAULT_LIMIT)) })}
                onBlur={onRunQuery}
              />
            </InlineField>
          </InlineFieldRow>
        </>
      )}
      {ONE_REQUEST.has(queryType) && (
        <InlineFieldRow>{text(t('Request'), query.requestId, (next) => set({ requestId: next }), t('an ID in any spelling, or $request'))}</InlineFieldRow>
      )}
      {queryType === 'breaker_changes' && (
        <InlineFieldRow>{text(t('Breaker'), query.breaker, (next) => set({ breaker: next }), t('all'))}</InlineFieldRow>
      )}
    </>
  )
}
