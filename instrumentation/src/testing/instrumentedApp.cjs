// Somebody's service: knows nothing of OpenTelemetry but `trackStage`. Run by register's test as CommonJS: instrumentedApp.mjs, with require.
const { createServer, get } = require('node:http')
const pg = require('pg')
const { pino } = require('pino')
const { RequestTracker } = require('../index.ts')

async function main() {
  const provider = createServer((_, response) => response.end('fine')).listen(0, '127.0.0.1')
  await new Promise((resolve) => provider.once('listening', resolve))
  const url = `http://127.0.0.1:${provider.address().port}`
  const log = pino({ level: 'info' }, { write: () => {} })
  const database = new pg.Client(process.env.DATABASE_URL)
  await database.connect()

  const tracker = new RequestTracker()
  const { correlationId } = tracker.createRequest({ studentId: 's-1', topic: 'Photosynthesis' })
  await tracker.trackStage(correlationId, 'validation', async () => {
    await (await fetch(`${url}/by-fetch`)).text()
    await new Promise((resolve) => get(`${url}/by-http`, (response) => response.resume().on('end', resolve)))
    await database.query('select $1::text as secret', ['nobody’s business'])
    log.info('looked it up')
  })
  // Part of no request: makes no span of its own.
  await (await fetch(`${url}/health`)).text()
  await database.end()
  provider.closeAllConnections()
  provider.close()
}

void main()
