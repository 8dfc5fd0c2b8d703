import { setTimeout as sleep } from 'node:timers/promises'
import type { NanoBananaClient } from '../providers/createNanoBananaClient.ts'
import { ProviderError } from '../resilience/ProviderError.ts'
import { resultOf, type Stage } from './stage.ts'

/** Seconds at speed 1; polling is never faster than four times a second. */
const POLL_SECONDS = 5
const LEAST_POLL_MS = 250
/** A video takes 120 s on average at speed 1. */
const DEADLINE_SECONDS = 400
const LEAST_DEADLINE_MS = 5000

/** Stage 4: submits the script to Nano Banana and looks again and again until the video is there. */
export function createVideoGeneration(nanoBanana: NanoBananaClient, speed: number): Stage {
  const pollMs = Math.max(LEAST_POLL_MS, (POLL_SECONDS * 1000) / speed)
  const deadlineMs = Math.max(LEAST_DEADLINE_MS, (DEADLINE_SECONDS * 1000) / speed)
  return {
    name: 'video_generation',
    run: async ({ request, results, stage }) => {
      const { script_text: script } = resultOf(results, 'script_generation')
      // The same key on every attempt: the provider goes on with the video it has, unless that one failed.
      const videoId = await nanoBanana.submit(script, request.correlationId)
      stage.log('api_call', {
        message: `Nano Banana took the script as ${videoId}`,
        data: { provider: 'nano_banana', provider_video_id: videoId },
      })
      const startedAtMs = performance.now()
      for (let polls = 1; performance.now() - startedAtMs < deadlineMs; polls += 1) {
        await sleep(pollMs)
        const video = await nanoBanana.look(videoId)
        if (video.status === 'failed') {
          throw new ProviderError(`Nano Banana could not render ${videoId}: ${video.message}`, { retryable: true })
        }
        if (video.status === 'succeeded' && video.download_url !== null) {
          return { provider_video_id: videoId, download_path: video.download_url, polls }
        }
        // The sign of life that tells a slow stage from a dead one.
        stage.progress(video.progress, video.message)
      }
      const message = `Nano Banana did not finish ${videoId} within ${Math.round(deadlineMs / 1000)} s`
      throw new ProviderError(message, { retryable: true })
    },
  }
}
