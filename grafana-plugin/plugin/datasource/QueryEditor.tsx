import type { QueryEditorProps, SelectableValue } from '@grafana/data'
import { InlineField, InlineFieldRow, InlineSwitch, Input, Select } from '@grafana/ui'

import { STATUS_FILTERS } from '../../src/views/filter.ts'
import type { TrackerDataSource } from './TrackerDataSource.ts'
import { DEFAULT_LIMIT, readQuery } from './trackerQuery.ts'
import type { QueryType, TrackerOptions, TrackerQuery } from './trackerQuery.ts'

type Props = QueryEditorProps<TrackerDataSource, TrackerQuery, TrackerOptions>

const TYPES: SelectableValue<QueryType>[] = [
  { value: 'requests', label: 'Requests', description: 'One row a request' },
  { value: 'stats', label: 'Today', description: 'Active, completed, failed, success rate, average duration' },
  { value: 'lanes', label: 'In flight by stage', description: 'How many are in each stage, how old, what ails them' },
  { value: 'breakers', label: 'Circuit breakers', description: 'As they are now' },
  { value: 'breaker_changes', label: 'Changes of circuit breakers', description: 'Also as annotations' },
  { value: 'hours', label: 'Hours', description: 'Counts and durations by the hour of creation' },
  { value: 'trends', label: 'Trends by stage', description: 'Percentiles by hour, over eight days by day' },
  { value: 'stages', label: 'Stages of a request' },
  { value: 'events', label: 'Events of a request', description: 'As logs' },
  { value: 'trace', label: 'Trace of a request', description: 'As a trace' },
]
const STATUSES = STATUS_FILTERS.map((value) => ({ value, label: value }))
const NARROWINGS = [
  ['stage', 'Stage'],
  ['organization', 'Organization'],
  ['student', 'Student ID'],
  ['breaker', 'Stopped by breaker'],
  ['error_type', 'Error type'],
] as const
const LIVE_TYPES: ReadonlySet<QueryType> = new Set(['requests', 'stats', 'lanes', 'breakers'])
const ONE_REQUEST: ReadonlySet<QueryType> = new Set(['stages', 'events', 'trace'])
const LABEL_WIDTH = 18

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
        <InlineField label="Show" labelWidth={LABEL_WIDTH}>
          <Select aria-label="Show" width={32} options={TYPES} value={queryType} onChange={({ value }) => value && run({ queryType: value })} />
        </InlineField>
        {LIVE_TYPES.has(queryType) && (
          <InlineField label="Live" tooltip="As it is now and each change of it. Else: as the dashboard's time range says.">
            <InlineSwitch aria-label="Live" value={query.live} onChange={(event) => run({ live: event.currentTarget.checked })} />
          </InlineField>
        )}
      </InlineFieldRow>
      {queryType === 'requests' && (
        <>
          <InlineFieldRow>
            <InlineField label="Status" labelWidth={LABEL_WIDTH}>
              <Select aria-label="Status" width={32} options={STATUSES} value={query.status ?? 'all'} onChange={({ value }) => value && run({ status: value })} />
            </InlineField>
            {text('Search', query.text, (next) => set({ text: next }), 'topic, student, any ID')}
          </InlineFieldRow>
          <InlineFieldRow>
            {NARROWINGS.map(([name, label]) =>
              text(label, query.narrow?.[name], (next) => set({ narrow: { ...query.narrow, [name]: next } })),
            )}
            <InlineField label="Limit" labelWidth={LABEL_WIDTH}>
              <Input
                aria-label="Limit"
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
        <InlineFieldRow>{text('Request', query.requestId, (next) => set({ requestId: next }), 'an ID in any spelling, or $request')}</InlineFieldRow>
      )}
      {queryType === 'breaker_changes' && (
        <InlineFieldRow>{text('Breaker', query.breaker, (next) => set({ breaker: next }), 'all')}</InlineFieldRow>
      )}
    </>
  )
}
