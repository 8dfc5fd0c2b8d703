import { runService } from '../launch/runService.ts'
import { createGeminiClient } from '../providers/createGeminiClient.ts'
import { createSearch } from '../search/createSearch.ts'
import { loadCorpus } from '../search/loadCorpus.ts'
import { readSettings } from '../settings.ts'
import { createRagRetrieval } from '../stages/createRagRetrieval.ts'
import { createScriptGeneration } from '../stages/createScriptGeneration.ts'
import { createValidation } from '../stages/createValidation.ts'
import { startWorker } from './startWorker.ts'

/** The first three stages: from the request to the script. */
await runService(async () => {
  const settings = readSettings()
  const { speed, geminiUrl } = settings
  const stop = await startWorker(
    {
      serviceName: 'script-worker',
      takes: 'content-script',
      stages: async ({ store }) => [
        createValidation((studentId) => store.findStudent(studentId), speed),
        createRagRetrieval(createSearch(await loadCorpus()), speed),
        createScriptGeneration(createGeminiClient(geminiUrl, speed)),
      ],
      afterwards: ({ correlationId }, { queue }) => queue.send('content-video', correlationId),
    },
    settings,
  )
  return { stop }
})
