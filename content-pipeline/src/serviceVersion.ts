import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** On everything that a process of the pipeline tells, so that a deploy is seen. */
export const serviceVersion = { 'service.version': version }
