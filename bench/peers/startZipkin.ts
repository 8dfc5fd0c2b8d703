import { freePorts } from '../../collector/src/freePorts.ts'
import type { Peer } from './Peer.ts'
import { startPeerProgram } from './startPeerProgram.ts'

/** Zipkin with its store in memory, the only one that it brings along without another server. */
export async function startZipkin(jar: string): Promise<Peer> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  // Settings of single fields replace the whole entry; without its address it listens everywhere, whatever `server.address` says.
  const listener = [`--armeria.ports[0].ip=127.0.0.1`, `--armeria.ports[0].port=${port}`, '--armeria.ports[0].protocols[0]=http']
  const args = ['-Xmx2g', '-XX:ActiveProcessorCount=2', '-jar', jar, ...listener, '--zipkin.self-tracing.enabled=false', '--logging.level.root=ERROR']
  const zipkin = await startPeerProgram('java', args, { MEM_MAX_SPANS: '5000000' }, `${url}/health`)
  const around = () => `endTs=${Date.now() + 60_000}&lookback=86400000`
  return {
    ingestUrl: `${url}/api/v2/spans`,
    accepts: 'zipkin',
    pids: () => [zipkin.pid],
    traceUrl: ({ traceId }) => `${url}/api/v2/trace/${traceId}`,
    searchUrl: (student) => `${url}/api/v2/traces?limit=20&${around()}&annotationQuery=${encodeURIComponent(`user.id=${student}`)}`,
    countSpans: (answer) => (answer as unknown[]).length,
    bytesOnDisk: () => Promise.resolve(undefined),
    stop: zipkin.stop,
  }
}
