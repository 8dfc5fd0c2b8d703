import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

type Service = {
  image: string
  build?: string
  command?: string[]
  user?: string
  environment?: Record<string, string>
  ports?: string[]
  volumes?: string[]
  profiles?: string[]
  depends_on?: Record<string, unknown>
}
type Compose = { services: Record<string, Service>; volumes: Record<string, null> }

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFile(join(root, file), 'utf8')
const compose = parse(await read('docker-compose.yml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const dockerfile = await read('Dockerfile')

test('it is what the Compose Specification allows', async () => {
  // The specification's own schema, as published; ajv knows its draft by the http address only.
  const { $schema: _, ...schema } = JSON.parse(await read('scripts/compose/compose-spec.json')) as Record<string, unknown>
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.validate(schema, compose)
  expect(ajv.errors).toBeNull()
  expect(ajv.validate(schema, { services: { broken: { image: 7 } } })).toBe(false)
})

describe.each(services)('%s', (name, { image, build, ports = [], volumes = [], depends_on = {}, profiles }) => {
  test('has a version that stays', () => {
    expect(image).toMatch(/:v?\d+\.\d+[\w.-]*$/)
    expect(build ?? '.').toBe('.')
  })

  test('mounts what is there', () => {
    for (const [source = '', target] of volumes.map((volume) => volume.split(':'))) {
      expect(target).toMatch(/^\//)
      const isThere = source.startsWith('.') ? existsSync(join(root, source)) : source in compose.volumes
      expect([source, isThere]).toEqual([source, true])
    }
  })

  test('is open to this machine only, and needs nothing that its profile leaves out', () => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
    for (const other of Object.keys(depends_on)) {
      const needed = compose.services[other]
      expect(needed).toBeDefined()
      expect([name, needed?.profiles ?? profiles]).toEqual([name, profiles])
    }
  })
})

test('every address in a configuration is a service with that port', async () => {
  const files = ['dashboards/prometheus/prometheus.yaml', 'dashboards/alertmanager/alertmanager.yaml', 'dashboards/provisioning/datasources/vividly.yaml']
  const texts = [...(await Promise.all(files.map(read))), JSON.stringify(services.map(([, { environment }]) => environment ?? {}))]
  const found = texts.flatMap((text) => [...text.matchAll(/(?:\/\/|@|targets: \[)([a-z]+):(\d+)/g)].map(([, host, port]) => `${host}:${port}`))
  const heard = new Set([
    'postgres:5432', 'tracker:8484', 'collector:4318', 'collector:8888', 'collector:8889',
    'prometheus:9090', 'alertmanager:9093', 'pager:8490', 'canary:8491', 'tempo:3200', 'tempo:4318',
  ])
  const named = new Set(found.filter((address) => !address.startsWith('localhost')))
  expect(named).toEqual(heard)
  for (const address of heard) expect(Object.keys(compose.services)).toContain(address.split(':')[0])
})

test('the configurations that the programs get are those of the repository', () => {
  const mounted = services.flatMap(([, { volumes = [] }]) => volumes.flatMap((volume) => (volume.startsWith('.') ? [volume.split(':')[0]] : [])))
  expect(mounted).toEqual([
    './collector/collector.yaml',
    './dashboards/prometheus/prometheus.yaml',
    './dashboards/prometheus/rules.yaml',
    './dashboards/alertmanager/alertmanager.yaml',
    './dashboards/tempo/tempo.yaml',
    './dashboards/provisioning',
    './dashboards/grafana',
  ])
})

test('what our own containers run is in the image', async () => {
  const ignored = (await read('.dockerignore')).split('\n')
  const kept = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  const commands = services.flatMap(([, { build, command = [] }]) => (build === undefined ? [] : command.slice(1, 2)))
  const fromDockerfile = [...dockerfile.matchAll(/^CMD \["node", "([^"]+)"/gm)].map(([, file]) => file ?? '')
  for (const file of [...commands, ...fromDockerfile]) {
    expect(existsSync(join(root, file))).toBe(true)
    expect(kept.some((folder) => file.startsWith(`${folder}/`))).toBe(true)
  }
  expect(fromDockerfile).toHaveLength(1)
  for (const folder of kept.filter((each) => !each.includes('*'))) expect([folder, existsSync(join(root, folder))]).toEqual([folder, true])
})

test('the image is made in stages, runs as nobody in particular, tells its health, and on the Node of package.json', async () => {
  const stages = dockerfile.match(/^FROM .+$/gm) ?? []
  expect(stages.length).toBeGreaterThan(1)
  const { devDependencies } = JSON.parse(await read('package.json')) as { devDependencies: { node: string } }
  for (const stage of stages) expect(stage).toContain(`node:${devDependencies.node}-`)
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  expect(last).toMatch(/^USER node$/m)
  expect(last).toMatch(/^HEALTHCHECK [^]*\/readyz/m)
})

test('Grafana is given every dashboard, and data sources that they and the exemplars ask for', async () => {
  const { datasources } = parse(await read('dashboards/provisioning/datasources/vividly.yaml')) as {
    datasources: {
      uid: string
      type: string
      correlations?: { targetUID: string; config: { target: { url: string } } }[]
      jsonData: { exemplarTraceIdDestinations?: { datasourceUid: string }[] }
    }[]
  }
  expect(datasources.map(({ type }) => type)).toEqual(['prometheus', 'vividly-tracker-datasource', 'tempo'])
  const uids = datasources.map(({ uid }) => uid)
  const { id: appId } = JSON.parse(await read('grafana-plugin/plugin/plugin.json')) as { id: string }
  for (const { jsonData, correlations = [] } of datasources) {
    for (const { targetUID, config } of correlations) {
      expect(uids).toContain(targetUID)
      // Grafana reads `$$` in provisioned files as one dollar sign.
      expect(config.target.url).toBe(`/a/${appId}?ds=${targetUID}&request=$$\{traceID}`)
    }
    for (const { datasourceUid } of jsonData.exemplarTraceIdDestinations ?? []) expect(uids).toContain(datasourceUid)
  }
  const { providers } = parse(await read('dashboards/provisioning/dashboards/vividly.yaml')) as { providers: { options: { path: string } }[] }
  expect(compose.services['grafana']?.volumes).toContain(`./dashboards/grafana:${providers[0]?.options.path}:ro`)
  const home = compose.services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''
  expect(await readdir(join(root, 'dashboards/grafana'))).toContain(home.split('/').at(-1))
})
