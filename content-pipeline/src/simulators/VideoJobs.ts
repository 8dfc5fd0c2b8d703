import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Older videos are forgotten, so that a simulator that runs for weeks stays small. */
const KEPT = 1000

export type VideoJob = {
  id: string
  /** The submission's `Idempotency-Key`, or its own ID. */
  key: string
  script: string
  startedAtUnixMs: number
  renderMs: number
  breaks: boolean
}

/**
 * The simulated provider's memory. It is kept in files, as the real provider does not forget its videos when our
 * pipeline is stopped. Without a folder it lasts as long as the process.
 */
export class VideoJobs {
  readonly #folder: string | undefined
  readonly #byId = new Map<string, VideoJob>()
  readonly #idOfKey = new Map<string, string>()

  private constructor(folder: string | undefined) {
    this.#folder = folder
  }

  static async open(folder?: string): Promise<VideoJobs> {
    const jobs = new VideoJobs(folder)
    if (folder === undefined) return jobs
    await mkdir(folder, { recursive: true })
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
    const read = await Promise.all(names.map((name) => readJob(join(folder, name))))
    const known = read.filter((job) => job !== undefined).sort((a, b) => a.startedAtUnixMs - b.startedAtUnixMs)
    for (const job of known) jobs.#remember(job)
    return jobs
  }

  find(id: string): VideoJob | undefined {
    return this.#byId.get(id)
  }

  /** The latest of that key. */
  findByKey(key: string): VideoJob | undefined {
    return this.find(this.#idOfKey.get(key) ?? '')
  }

  async add(job: VideoJob): Promise<void> {
    const forgotten = this.#remember(job)
    if (this.#folder === undefined) return
    await writeFile(join(this.#folder, `${job.id}.json`), JSON.stringify(job))
    for (const { id } of forgotten) await unlink(join(this.#folder, `${id}.json`)).catch(() => {})
  }

  #remember(job: VideoJob): VideoJob[] {
    this.#byId.set(job.id, job)
    this.#idOfKey.set(job.key, job.id)
    const forgotten = [...this.#byId.values()].slice(0, Math.max(0, this.#byId.size - KEPT))
    for (const { id, key } of forgotten) {
      this.#byId.delete(id)
      if (this.#idOfKey.get(key) === id) this.#idOfKey.delete(key)
    }
    return forgotten
  }
}

/** A file that a crash cut short is a video that the provider lost. */
async function readJob(path: string): Promise<VideoJob | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as VideoJob
  } catch {
    return undefined
  }
}
