/** `npm run postgres [-- DATA_DIR [DATABASE]]`: the embedded Postgres alone, to look into its data with a client. */
import { once } from 'node:events'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'

const [dataDir = '.data', database] = process.argv.slice(2)
const server = await startEmbeddedPostgres({ dataDir })
const url = new URL(server.databaseUrl)
if (database) url.pathname = database
console.log(`${url.href}\nCtrl-C ends it.`)
const keepAlive = setInterval(() => {}, 60_000)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
clearInterval(keepAlive)
await server.stop()
