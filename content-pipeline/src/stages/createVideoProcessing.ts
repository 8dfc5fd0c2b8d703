import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NanoBananaClient } from '../providers/createNanoBananaClient.ts'
import { atPace } from './atPace.ts'
import { renderThumbnail } from './renderThumbnail.ts'
import { resultOf, type Stage } from './stage.ts'

const MEAN_SECONDS = 20

export type VideoProcessingOptions = {
  nanoBanana: NanoBananaClient
  /** The folder that stands for the CDN is `cdn` in it. */
  dataDir: string
  /** Where that folder is served. */
  publicUrl: string
  speed: number
}

/** Stage 5: downloads the video, makes a thumbnail, and puts both where students can load them. */
export function createVideoProcessing({ nanoBanana, dataDir, publicUrl, speed }: VideoProcessingOptions): Stage {
  return {
    name: 'video_processing',
    run: ({ request, results, stage }) =>
      atPace(MEAN_SECONDS, speed, async () => {
        const startedAtMs = performance.now()
        const video = await nanoBanana.download(resultOf(results, 'video_generation').download_path)
        const folder = join(dataDir, 'cdn', request.correlationId)
        await mkdir(folder, { recursive: true })
        await writeFile(join(folder, 'video.svg'), video)
        await writeFile(join(folder, 'thumbnail.svg'), renderThumbnail(request.topic))
        const seconds = (performance.now() - startedAtMs) / 1000
        stage.log('performance', {
          message: `Downloaded and stored ${video.byteLength} bytes in ${seconds.toFixed(2)} s`,
          data: { bytes: video.byteLength, seconds },
        })
        const base = `${publicUrl}/cdn/${request.correlationId}`
        return { video_url: `${base}/video.svg`, thumbnail_url: `${base}/thumbnail.svg`, bytes: video.byteLength }
      }),
  }
}
