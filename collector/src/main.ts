import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { Command } from 'commander'
import { buildCollector } from './buildCollector.ts'

const folder = join(import.meta.dirname, '..')
const say = (line: string) => console.error(line)

const program = new Command('collector').description('The OpenTelemetry Collector in front of the tracker.')

program
  .command('build')
  .description('build it, where that was not done before, and print where it is (needs Go)')
  .action(async () => console.log(await buildCollector(say)))

program
  .command('validate')
  .description('check a configuration of this folder with the real program')
  .argument('[configs...]', 'file names; several are merged', ['collector.yaml'])
  .action(async (configs: string[]) => {
    await runCollector(['validate', ...configs.flatMap((config) => ['--config', join(folder, config)])])
    if (!process.exitCode) console.log(`${configs.join(' + ')} is valid`)
  })

program
  .command('run')
  .description('run it until Ctrl-C; settings come from the environment, see collector/README.md')
  .argument('[configs...]', 'file names; several are merged', ['collector.yaml'])
  .action((configs: string[]) => runCollector(configs.flatMap((config) => ['--config', join(folder, config)])))

async function runCollector(args: string[]): Promise<void> {
  const child = spawn(await buildCollector(say), args, { stdio: 'inherit' })
  // Ctrl-C reaches it by itself; whoever ends us alone means it too.
  process.on('SIGINT', () => {}).on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  process.exitCode = code ?? 1
}

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
