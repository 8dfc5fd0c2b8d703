import { runService } from '../launch/runService.ts'
import { createNanoBananaClient } from '../providers/createNanoBananaClient.ts'
import { readSettings } from '../settings.ts'
import { createNotification } from '../stages/createNotification.ts'
import { createVideoGeneration } from '../stages/createVideoGeneration.ts'
import { createVideoProcessing } from '../stages/createVideoProcessing.ts'
import { resultOf } from '../stages/stage.ts'
import { startWorker } from './startWorker.ts'

/** The last three stages, in a process of their own: all they share with the first three is the correlation ID. */
await runService(async () => {
  const settings = readSettings()
  const { speed, dataDir, publicUrl } = settings
  const stop = await startWorker(
    {
      serviceName: 'video-worker',
      takes: 'content-video',
      stages: async ({ mailbox }) => {
        const nanoBanana = createNanoBananaClient(settings.nanoBananaUrl, speed)
        return [
          createVideoGeneration(nanoBanana, speed),
          createVideoProcessing({ nanoBanana, dataDir, publicUrl, speed }),
          createNotification(mailbox, speed),
        ]
      },
      // Whoever does the last work ends the request; the root span is sent from here, once.
      afterwards: async ({ correlationId, results }, { tracker, store }) => {
        const { video_url: videoUrl, thumbnail_url: thumbnailUrl } = resultOf(results, 'video_processing')
        const { script_text: scriptText } = resultOf(results, 'script_generation')
        await store.end(correlationId, 'completed')
        tracker.completeRequest(correlationId, { videoUrl, thumbnailUrl, scriptText })
      },
    },
    settings,
  )
  return { stop }
})
