import { type Settings, toEnvironment } from '../settings.ts'
import { type Service, startService } from './startService.ts'

export type PipelineUrls = { intakeUrl: string; geminiUrl: string; nanoBananaUrl: string }
export type LaunchedPipeline = {
  /** The intake and the simulators answer. */
  accepting: Promise<PipelineUrls>
  /** The workers take jobs, too. Rejects when a service can't start. */
  working: Promise<void>
  stop: () => Promise<void>
}

/** Starts the pipeline's five processes: two simulators and the intake, then the workers, which need their addresses. */
export function launchPipeline(settings: Settings): LaunchedPipeline {
  const front: Service[] = []
  const workers: Service[] = []
  const accepting = startFront()
  const working = startWorkers()
  // Reported through whichever of the two is awaited; not twice.
  working.catch(() => {})
  return {
    accepting,
    working,
    stop: async () => {
      // Workers first: providers that vanish under them would look like an outage.
      await Promise.all(workers.map((service) => service.stop()))
      await Promise.all(front.map((service) => service.stop()))
    },
  }

  async function startFront(): Promise<PipelineUrls> {
    const environment = toEnvironment(settings)
    const [intakeUrl, geminiUrl, nanoBananaUrl] = await Promise.all([
      run(front, 'intake/intakeService.ts', environment),
      run(front, 'simulators/gemini.ts', environment),
      run(front, 'simulators/nanoBanana.ts', environment),
    ])
    return { intakeUrl, geminiUrl, nanoBananaUrl }
  }

  async function startWorkers(): Promise<void> {
    const { intakeUrl, geminiUrl, nanoBananaUrl } = await accepting
    const environment = toEnvironment({ ...settings, publicUrl: intakeUrl, geminiUrl, nanoBananaUrl })
    await Promise.all([
      run(workers, 'workers/scriptWorker.ts', environment),
      run(workers, 'workers/videoWorker.ts', environment),
    ])
  }
}

async function run(group: Service[], file: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const service = await startService(file, environment)
  group.push(service)
  return service.url ?? ''
}
