import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { ReactVersion } from './buildHost.ts'
import { dataProxy } from './dataProxy.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const FOLDERS: [string, string][] = [
  ['/public/plugins/vividly-tracker-app/', at('../../dist/plugin')],
  ['/public/build/img/icons/', join(at('../../../node_modules/@grafana/ui/dist/public/img/icons'))],
]
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml', '.map': 'application/json' }
const PAGE = `<!doctype html><html lang="en"><title>Grafana host</title><meta name="viewport" content="width=device-width">
<script>window.grafanaBootData={settings:{buildInfo:{version:'13.2.2'},featureToggles:{},appSubUrl:''},user:{language:new URLSearchParams(location.search).get('language')||'en-US'},navTree:[]};window.__grafana_public_path__='/public/'</script>
<body><div id="root"></div><script src="/host/host.js"></script></body></html>`

/** The host page, which `buildHost` has built, on loopback; calls of the data source go on to `tracker.url` with `tracker.token`, as they are then. */
export async function startHost(tracker: { url: string; token?: string | undefined }, react: ReactVersion = 19) {
  const folders = [...FOLDERS, ['/host/', at(`../../dist/host${react}`)] as const]
  const streams = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    if (dataProxy(tracker.url, tracker.token, request, response)) {
      if (!request.url?.includes('/stream')) return
      streams.add(response)
      response.on('close', () => streams.delete(response))
      return
    }
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname)
    const folder = folders.find(([prefix]) => path.startsWith(prefix))
    if (!folder) {
      response.writeHead(path.startsWith('/public/') ? 404 : 200, { 'content-type': 'text/html' }).end(PAGE)
      return
    }
    const file = join(folder[1], normalize(path.slice(folder[0].length)))
    readFile(file).then(
      (body) => response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    /** Ends all streams as a proxy does that goes down: in the middle of whatever is written. */
    cutStreams(): void {
      for (const stream of streams) stream.destroy()
    },
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
