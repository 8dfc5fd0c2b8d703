import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@vividly/collector/freePorts'
import { startProgram } from '@vividly/collector/startProgram'
import { isMap, isSeq, parseDocument } from 'yaml'
import { getPrometheus } from './getPrometheus.ts'

const folder = join(import.meta.dirname, '../..')
/** Of docker-compose.yml. */
const TOKEN_FILE = '/run/vividly/token'

/** Where the names of docker-compose.yml are on this machine: `tracker:8484` → `127.0.0.1:41234`. */
export type Addresses = Record<string, string>

export type MonitoringOptions = {
  addresses: Addresses
  /** Default as configured, 15 s. */
  intervalSeconds?: number
  /** Default: any free ones. */
  ports?: { alertmanager: number; prometheus: number }
}

/** Prometheus and Alertmanager with the committed configuration, other addresses put in, on loopback. */
export async function startPrometheus({ addresses, intervalSeconds, ports }: MonitoringOptions) {
  const programs = await getPrometheus()
  const home = await mkdtemp(join(tmpdir(), 'vividly-prometheus-'))
  const [alertmanagerPort = 0, prometheusPort = 0] = ports ? [ports.alertmanager, ports.prometheus] : await freePorts(2)
  const known = { ...addresses, 'alertmanager:9093': `127.0.0.1:${alertmanagerPort}` }
  const url = (port: number) => `http://127.0.0.1:${port}`

  await writeFile(join(home, 'token'), 'none is demanded on loopback')
  const routes = await configured('alertmanager/alertmanager.yaml', 'alertmanager.yaml')
  const alertmanager = await startProgram({
    program: programs.alertmanager,
    args: [
      `--config.file=${routes}`,
      `--storage.path=${join(home, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
    ],
    ready: `${url(alertmanagerPort)}/-/ready`,
  })
  await configured('prometheus/rules.yaml', 'rules.yaml')
  const scrapes = await configured('prometheus/prometheus.yaml', 'prometheus.yaml')
  const prometheus = await startProgram({
    program: programs.prometheus,
    args: [
      `--config.file=${scrapes}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      '--enable-feature=exemplar-storage',
    ],
    ready: `${url(prometheusPort)}/-/ready`,
  })

  async function configured(source: string, name: string): Promise<string> {
    let text = await readFile(join(folder, source), 'utf8')
    for (const [from, to] of Object.entries(known)) text = text.replaceAll(from, to)
    text = text.replaceAll(TOKEN_FILE, join(home, 'token'))
    const document = parseDocument(text)
    if (intervalSeconds !== undefined && document.has('scrape_configs')) {
      document.setIn(['global', 'scrape_interval'], `${intervalSeconds}s`)
      document.setIn(['global', 'evaluation_interval'], `${intervalSeconds}s`)
    }
    const groups = document.get('groups')
    // Some have an interval of their own; in the short form all go by the one given.
    if (intervalSeconds !== undefined && isSeq(groups)) for (const group of groups.items) if (isMap(group)) group.delete('interval')
    const file = join(home, name)
    await writeFile(file, document.toString())
    return file
  }

  return {
    url: url(prometheusPort),
    alertmanagerUrl: url(alertmanagerPort),
    /** An instant query's values by their labels. */
    query: async (expr: string): Promise<{ metric: Record<string, string>; value: number }[]> => {
      const answer = await fetch(`${url(prometheusPort)}/api/v1/query?${new URLSearchParams({ query: expr })}`)
      const { data, error } = (await answer.json()) as {
        data?: { result: { metric: Record<string, string>; value: [number, string] }[] }
        error?: string
      }
      if (data === undefined) throw new Error(`Prometheus refused ${expr}: ${error}`)
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
    },
    stop: async () => {
      await prometheus.stop()
      await alertmanager.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}
