import './hideAmd.ts'
import * as emotion from '@emotion/css'
import * as grafanaData from '@grafana/data'
import {
  applyFieldOverrides,
  createTheme,
  EventBusSrv,
  getDefaultTimeRange,
  LoadingState,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  ThemeContext,
} from '@grafana/data'
import type { AppPlugin, DataQueryResponse, DataSourceInstanceSettings, DataSourcePlugin, PanelData, PanelPlugin } from '@grafana/data'
import * as grafanaI18n from '@grafana/i18n'
import * as grafanaRuntime from '@grafana/runtime'
import { setAppEvents, setBackendSrv, setDataSourceSrv, setEchoSrv, setTemplateSrv } from '@grafana/runtime'
import * as grafanaUi from '@grafana/ui'
import { GlobalStyles, PanelChrome, PortalContainer } from '@grafana/ui'
import * as react from 'react'
import { useEffect, useMemo, useState } from 'react'
import * as jsxRuntime from 'react/jsx-runtime'
import * as reactDom from 'react-dom'
import { createRoot } from 'react-dom/client'
import * as rxjs from 'rxjs'

import type { TrackerDataSource } from '../datasource/TrackerDataSource.ts'
import type { TrackerOptions, TrackerQuery } from '../datasource/trackerQuery.ts'
import { fakeBackendSrv } from './fakeBackendSrv.ts'
import { OPTION_EDITORS, OptionsPane } from './OptionsPane.tsx'

/** Loads the built plugin as Grafana does and draws what the address asks for: `?show=flow-panel&theme=light&width=…`. */
const params = new URLSearchParams(window.location.search)
const show = params.get('show') ?? 'flow-panel'
const size = { width: Number(params.get('width') ?? window.innerWidth - 32), height: Number(params.get('height') ?? window.innerHeight - 32) }
const mode = params.get('theme') === 'light' ? 'light' : 'dark'
const variables = new Map(Object.entries({ request: params.get('request') ?? '', region: 'north' }))

declare const System: {
  constructor: { prototype: { shouldFetch: () => boolean; fetch: typeof fetch } }
  set: (id: string, module: object) => void
  addImportMap: (map: { imports: Record<string, string> }) => void
  import: (url: string) => Promise<Record<string, unknown>>
}

function givePackages(): void {
  const packages: Record<string, object> = {
    '@emotion/css': emotion,
    '@grafana/data': grafanaData,
    '@grafana/i18n': grafanaI18n,
    '@grafana/runtime': { ...grafanaRuntime, PluginPage },
    '@grafana/ui': grafanaUi,
    react,
    'react-dom': reactDom,
    'react/jsx-runtime': jsxRuntime,
    rxjs,
  }
  const { prototype } = System.constructor
  const load = prototype.fetch.bind(prototype)
  prototype.shouldFetch = () => true
  prototype.fetch = async (url, init) => {
    const source = await (await load(url, init)).text()
    return new Response(`(function(define){${source}\n})(window.__grafana_amd_define)`, { headers: { 'content-type': 'text/javascript' } })
  }
  for (const [name, namespace] of Object.entries(packages)) System.set(`package:${name}`, { ...namespace, default: namespace })
  System.addImportMap({ imports: Object.fromEntries(Object.keys(packages).map((name) => [name, `package:${name}`])) })
}

/** Grafana's frame of an app's page is in its server's own code. */
function PluginPage({ children, actions }: { children: React.ReactNode; actions?: React.ReactNode }) {
  return (
    <main style={{ padding: 16 }}>
      {actions}
      {children}
    </main>
  )
}

async function load<T>(path: string): Promise<T> {
  const module = await System.import(new URL(`/public/plugins/vividly-tracker-app/${path}`, window.location.href).href)
  return module['plugin'] as T
}

const settings = {
  id: 1,
  uid: 'tracker',
  name: 'Tracker',
  type: 'vividly-tracker-datasource',
  url: '/api/datasources/proxy/uid/tracker',
  access: 'proxy',
  readOnly: false,
  meta: { id: 'vividly-tracker-datasource', name: 'Vividly request tracker', type: 'datasource', module: '', baseUrl: '', info: { logos: { small: '', large: '' } } },
  jsonData: { apiUrl: 'http://tracker:8484', tracesUid: 'tempo', logsUid: 'loki' },
} as unknown as DataSourceInstanceSettings<TrackerOptions>

type LinkContext = { __dataContext?: { value: { field: { values: unknown[] }; rowIndex?: number } } }

function replace(text = '', scoped: LinkContext = {}): string {
  const { value } = scoped.__dataContext ?? {}
  const raw = value?.rowIndex === undefined ? '${__value.raw}' : String(value.field.values[value.rowIndex])
  return text.replaceAll('${__value.raw}', raw).replaceAll(/\$(\w+)/g, (whole, name: string) => variables.get(name) ?? whole)
}

const defaultQuery: TrackerQuery = { refId: 'A', datasource: { uid: 'tracker', type: settings.type }, queryType: 'requests', live: true }
const query: TrackerQuery = { ...defaultQuery, ...(JSON.parse(params.get('query') ?? '{}') as Partial<TrackerQuery>) }

/** What Grafana's query runner hands to a panel: the newest answer with everything resolved. */
function useQuery(source: TrackerDataSource): PanelData {
  const timeRange = useMemo(() => getDefaultTimeRange(), [])
  const request = useMemo(
    () => ({ requestId: 'Q1', app: 'dashboard', interval: '30s', intervalMs: 30_000, range: timeRange, scopedVars: {}, startTime: 0, targets: [query], timezone: 'browser' }),
    [timeRange],
  )
  const [response, setResponse] = useState<DataQueryResponse>()
  useEffect(() => {
    const subscription = source.query(request).subscribe(setResponse)
    return () => subscription.unsubscribe()
  }, [source, request])
  const series = applyFieldOverrides({
    data: response?.data ?? [],
    fieldConfig: { defaults: {}, overrides: [] },
    replaceVariables: replace,
    theme: createTheme({ colors: { mode } }),
  })
  return {
    state: response?.state ?? LoadingState.Loading,
    series,
    timeRange,
    request,
    ...(response?.errors && { errors: response.errors }),
  }
}

function Panel({ plugin, source }: { plugin: PanelPlugin; source: TrackerDataSource }) {
  const data = useQuery(source)
  const Draw = plugin.panel
  const [options, setOptions] = useState<Record<string, unknown>>(() => ({
    ...(plugin.defaults as { options?: object }).options,
    ...(JSON.parse(params.get('options') ?? '{}') as object),
  }))
  const isEdited = params.has('edit')
  return (
    <div style={{ display: 'flex' }}>
      <PanelChrome title={params.get('title') ?? show} width={size.width - (isEdited ? 360 : 0)} height={size.height} padding="none" loadingState={data.state}>
        {(width, height) =>
          Draw && (
            <Draw
              id={1}
              title=""
              transparent={false}
              data={data}
              timeRange={data.timeRange}
              timeZone="browser"
              options={options}
              fieldConfig={{ defaults: {}, overrides: [] }}
              renderCounter={0}
              eventBus={new EventBusSrv()}
              width={width}
              height={height}
              onOptionsChange={(next) => setOptions(next as Record<string, unknown>)}
              onFieldConfigChange={() => undefined}
              onChangeTimeRange={() => undefined}
              replaceVariables={replace}
            />
          )
        }
      </PanelChrome>
      {isEdited && <OptionsPane plugin={plugin} options={options} onChange={setOptions} />}
    </div>
  )
}

/** The frames of the query as text, for tests of what other panels would get. */
function Frames({ source }: { source: TrackerDataSource }) {
  const data = useQuery(source)
  const frames = data.series.map((frame) => ({
    name: frame.name,
    meta: frame.meta,
    fields: frame.fields.map(({ name, type, values, config, getLinks }) => ({
      name,
      type,
      values,
      unit: config.unit,
      links: getLinks?.({ valueRowIndex: 0 }).map(({ href, title }) => ({ href, title })),
    })),
  }))
  return <pre data-testid="frames">{JSON.stringify({ state: data.state, errors: data.errors, frames })}</pre>
}

function Config({ plugin, source }: { plugin: DataSourcePlugin<TrackerDataSource, TrackerQuery, TrackerOptions>; source: TrackerDataSource }) {
  const [options, setOptions] = useState<object>({ ...settings, secureJsonFields: {}, secureJsonData: {} })
  const [edited, setEdited] = useState(query)
  const [said, setSaid] = useState('')
  const { ConfigEditor, QueryEditor } = plugin.components
  const test = async () => {
    const { status, message } = await source.testDatasource()
    setSaid(`${status}: ${message}`)
  }
  return (
    <div style={{ padding: 16 }}>
      {ConfigEditor && <ConfigEditor options={options as never} onOptionsChange={setOptions} />}
      <button type="button" onClick={() => void test()}>
        Save &amp; test
      </button>
      <p role="status">{said}</p>
      {QueryEditor && <QueryEditor datasource={source} query={edited} onChange={setEdited} onRunQuery={() => undefined} />}
      <pre data-testid="edited">{JSON.stringify({ options, query: edited })}</pre>
    </div>
  )
}

async function start(): Promise<void> {
  givePackages()
  standardEditorsRegistry.setInit(() =>
    ['boolean', 'text', 'number', 'select', 'multi-select', 'radio'].map((id) => ({ id, name: id, editor: OPTION_EDITORS[id] ?? (() => null) })) as never,
  )
  standardFieldConfigEditorRegistry.setInit(() => [])
  await grafanaI18n.initPluginTranslations('grafana-ui')
  setBackendSrv(fakeBackendSrv)
  setAppEvents(new EventBusSrv())
  setEchoSrv({ addEvent: () => undefined, addBackend: () => undefined, flush: () => undefined } as never)
  setTemplateSrv({ replace, getVariables: () => [], containsTemplate: () => false, updateTimeRange: () => undefined })
  const sourcePlugin = await load<DataSourcePlugin<TrackerDataSource, TrackerQuery, TrackerOptions>>('datasource/module.js')
  const source = new sourcePlugin.DataSourceClass(settings)
  setDataSourceSrv({
    get: async () => Object.assign(source, { meta: settings.meta }),
    getList: () => [settings],
    getInstanceSettings: () => settings,
    reload: () => undefined,
  } as never)
  const drawn = await draw(sourcePlugin, source)
  const theme = createTheme({ colors: { mode } })
  createRoot(document.getElementById('root') as HTMLElement).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <PortalContainer />
      {drawn}
    </ThemeContext.Provider>,
  )
}

async function draw(sourcePlugin: DataSourcePlugin<TrackerDataSource, TrackerQuery, TrackerOptions>, source: TrackerDataSource) {
  if (show === 'frames') return <Frames source={source} />
  if (show === 'config') return <Config plugin={sourcePlugin} source={source} />
  if (show === 'app') {
    const app = await load<AppPlugin>('module.js')
    const Root = app.root
    return Root && <Root meta={{} as never} basename="" onNavChanged={() => undefined} query={{}} path="" />
  }
  return <Panel plugin={await load<PanelPlugin>(`${show}/module.js`)} source={source} />
}

void start()
