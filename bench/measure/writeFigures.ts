import { writeFile } from 'node:fs/promises'

/** Keeps what a benchmark measured for whoever asked for it, such as `npm run bench`. */
export async function writeFigures(file: string | undefined, figures: unknown): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(figures, undefined, 2)}\n`)
}
