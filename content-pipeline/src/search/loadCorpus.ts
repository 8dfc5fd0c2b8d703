import { readdir, readFile } from 'node:fs/promises'

/** One passage of open educational text, small enough to be quoted whole in a prompt. */
export type Chunk = { id: string; title: string; text: string }

/** The corpus that ships with the package: one chunk per `## ` heading of `corpus/*.md`. */
export async function loadCorpus(folder = new URL('../../corpus/', import.meta.url)): Promise<Chunk[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort()
  const files = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))
  return files.flatMap((markdown, index) => toChunks(names[index] ?? '', markdown))
}

export function toChunks(fileName: string, markdown: string): Chunk[] {
  const subject = fileName.replace(/\.md$/, '')
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section, index) => {
      const [title = '', ...body] = section.split('\n')
      return { id: `${subject}-${index + 1}`, title: title.trim(), text: body.join('\n').trim() }
    })
}
