/** `node worker.ts <measurement> <count>`: one measurement in a process of its own, for each sets up OpenTelemetry anew. Prints JSON. */
import { measureCaller } from './measureCaller.ts'
import { measureConcurrent } from './measureConcurrent.ts'
import { measureCost } from './measureCost.ts'
import { startBare } from './startBare.ts'
import { startTracked } from './startTracked.ts'
import { tellLifeCycles } from './tellLifeCycles.ts'

const [name = '', count = '0'] = process.argv.slice(2)

const measurements: Record<string, (count: number) => Promise<unknown>> = {
  bareCost: (stages) => measureCost(startBare(), stages),
  trackedCost: (stages) => measureCost(startTracked(), stages),
  bareCaller: (stages) => measureCaller(startBare(), stages),
  trackedCaller: (stages) => measureCaller(startTracked(), stages),
  noCaller: (stages) => measureCaller({ stage: () => {}, calls: [() => {}, () => {}, () => {}] }, stages),
  running: (stages) => measureConcurrent(stages, false),
  ended: (stages) => measureConcurrent(stages, true),
  lifeCycles: tellLifeCycles,
}
const result = await measurements[name]?.(Number(count))
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
