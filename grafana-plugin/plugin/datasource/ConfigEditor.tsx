import type { DataSourcePluginOptionsEditorProps } from '@grafana/data'
import { DataSourcePicker } from '@grafana/runtime'
import { FieldSet, InlineField, Input, SecretInput } from '@grafana/ui'

import { t } from '../../src/text/t.ts'
import type { TrackerOptions, TrackerSecrets } from './trackerQuery.ts'

type Props = DataSourcePluginOptionsEditorProps<TrackerOptions, TrackerSecrets>

const LABEL_WIDTH = 20
const FIELD_WIDTH = 48

/** Where the tracker is and with which token; and where traces and logs of the same requests are. */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { jsonData, secureJsonFields, secureJsonData } = options
  const set = (change: Partial<TrackerOptions>) => onOptionsChange({ ...options, jsonData: { ...jsonData, ...change } })
  const isTokenSet = secureJsonFields['apiToken'] === true
  return (
    <>
      <FieldSet label={t('Tracker')}>
        <InlineField label={t('URL')} labelWidth={LABEL_WIDTH} required tooltip={t('As Grafana’s server reaches it, without a path. The browser never goes there itself.')}>
          <Input
            id="tracker-url"
            aria-label={t('URL')}
            width={FIELD_WIDTH}
            placeholder="http://tracker:8484"
            value={jsonData.apiUrl ?? ''}
            onChange={(event) => set({ apiUrl: event.currentTarget.value.trim().replace(/\/+$/, '') })}
          />
        </InlineField>
        <InlineField label={t('Token')} labelWidth={LABEL_WIDTH} tooltip={t('With the scope “read”. It stays on Grafana’s server.')}>
          <SecretInput
            id="tracker-token"
            aria-label={t('Token')}
            width={FIELD_WIDTH}
            isConfigured={isTokenSet}
            value={secureJsonData?.apiToken ?? ''}
            onReset={() => onOptionsChange({ ...options, secureJsonFields: { ...secureJsonFields, apiToken: false }, secureJsonData: { apiToken: '' } })}
            onChange={(event) => onOptionsChange({ ...options, secureJsonData: { apiToken: event.currentTarget.value } })}
          />
        </InlineField>
      </FieldSet>
      <FieldSet label={t('From a request to its trace and logs')}>
        <InlineField label={t('Traces')} labelWidth={LABEL_WIDTH} tooltip={t('For example Tempo. The request’s trace ID is searched there.')}>
          <DataSourcePicker
            inputId="tracker-traces"
            tracing
            noDefault
            current={jsonData.tracesUid ?? null}
            width={FIELD_WIDTH}
            onChange={({ uid }) => set({ tracesUid: uid })}
            onClear={() => set({ tracesUid: '' })}
          />
        </InlineField>
        <InlineField label={t('Logs')} labelWidth={LABEL_WIDTH} tooltip={t('For example Loki.')}>
          <DataSourcePicker
            inputId="tracker-logs"
            logs
            noDefault
            current={jsonData.logsUid ?? null}
            width={FIELD_WIDTH}
            onChange={({ uid }) => set({ logsUid: uid })}
            onClear={() => set({ logsUid: '' })}
          />
        </InlineField>
        <InlineField label={t('Logs query')} labelWidth={LABEL_WIDTH} tooltip={t('${traceId} and ${correlationId} stand for the request’s.')}>
          <Input
            id="tracker-logs-query"
            aria-label={t('Logs query')}
            width={FIELD_WIDTH}
            placeholder={'{service_namespace="vividly"} |= "${traceId}"'}
            value={jsonData.logsQuery ?? ''}
            onChange={(event) => set({ logsQuery: event.currentTarget.value })}
          />
        </InlineField>
      </FieldSet>
    </>
  )
}
