/** `npm run upgrade`: the release before and this one side by side on one database, under load. */
import { Command, InvalidArgumentError } from 'commander'
import { checkOutRelease, releaseBefore } from './upgrade/checkOutRelease.ts'
import { upgradeUnderLoad } from './upgrade/upgradeUnderLoad.ts'

const positive = (text: string): number => {
  if (Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('It must be a number above 0.')
}
const options = new Command('npm run upgrade --')
  .description(
    'Starts an older release from this checkout’s history with services of both releases and a page that listens, ' +
      'migrates the schema under it, and starts this release beside it. No record may be missing, no read may fail, ' +
      'and each listener must end with what a fresh read gives.',
  )
  .option('--from <revision>', 'the older release; default the commit before the newest change of the schema')
  .option('--requests <count>', 'in flight at any time', positive, 20)
  .option('--seconds <seconds>', 'of each phase: the old alone, the old on the new schema, both', positive, 20)
  .parse()
  .opts<{ from?: string; requests: number; seconds: number }>()

const startMs = Date.now()
const say = (text: string): void => console.log(`${((Date.now() - startMs) / 1000).toFixed(0).padStart(5)} s  ${text}`)

const release = await checkOutRelease(options.from ?? (await releaseBefore()))
try {
  say(`from ${release.commit.slice(0, 12)}`)
  const { requests, seconds: phaseSeconds } = options
  const result = await upgradeUnderLoad({ from: release.folder, requests, phaseSeconds, say })
  console.dir(result, { depth: null })
  const { told, answers, misheard } = result
  const isGood =
    told.missing + told.missingOthers + misheard.old.length + misheard.new.length === 0 &&
    answers.old.failures.length + answers.new.failures.length === 0
  if (!isGood) process.exitCode = 1
  say(isGood ? 'as it should be' : 'NOT as it should be')
} finally {
  await release.remove()
}
