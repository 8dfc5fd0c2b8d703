import { AsyncLocalStorage } from 'node:async_hooks'

const bound = new AsyncLocalStorage<string>()

/** Runs `work`; whatever it reads for a caller, in whatever asynchronous step, Postgres shows of this organization only. */
export function inOrganization<T>(organization: string, work: () => T): T {
  return bound.run(organization, work)
}

/** Undefined: all. */
export function boundOrganization(): string | undefined {
  return bound.getStore()
}
