import type { ScaledStack } from '../startScaledStack.ts'
import { tellLoad } from './tellLoad.ts'
import { waitUntilStored } from './waitUntilStored.ts'
import type { Stored } from './waitUntilStored.ts'

const CLIENTS = 4

/** All trackers killed, requests told, then a Collector on either side of Kafka killed, and all given back. */
export async function tellWhileTrackersAreAway(stack: ScaledStack, requests: number): Promise<Stored & { acknowledged: number }> {
  await Promise.all(stack.trackers.map(({ kill }) => kill()))
  const told = await tellLoad({ url: stack.otlpUrl, clients: CLIENTS, until: { requests } })
  const collectors = [stack.parts.collector, stack.parts.consumer]
  await Promise.all(collectors.map(({ kill }) => kill()))
  await Promise.all(collectors.map(({ restart }) => restart()))
  await Promise.all(stack.trackers.map(({ restart }) => restart()))
  return { ...(await waitUntilStored(stack.databaseUrl, told.traceIds)), acknowledged: told.items }
}
