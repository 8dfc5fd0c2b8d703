import { serve } from '@hono/node-server'
import { createApp as createTracked } from './tracked.ts'
import { createApp as createUntracked } from './untracked.ts'

// node --import @vividly/instrumentation/register examples/stranger/main.ts [untracked]
const { fetch } = process.argv[2] === 'untracked' ? createUntracked() : createTracked()
serve({ fetch, port: Number(process.env['PORT'] ?? 8491), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`)
})
