import { freePorts } from '@vividly/collector/freePorts'
import { isPortFree } from '../start/isPortFree.ts'

/** The usual port of a part on loopback, or any free one where somebody else has it. */
export async function takePort(usual: number): Promise<number> {
  if (await isPortFree('127.0.0.1', usual)) return usual
  const [other = 0] = await freePorts(1)
  return other
}
