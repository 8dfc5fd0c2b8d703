import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, expect, it } from 'vitest'

import { dePlugin } from '../../plugin/dePlugin.ts'
import { de } from './de.ts'
import { languageOf, setLanguage, wordFor } from './locale.ts'
import { t } from './t.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CATALOGUE = { ...de, ...dePlugin }

afterEach(() => setLanguage('en', {}))

/** Every text that goes through `t`, `msg` or `Say`. That no text goes by them is for the tests of the screen. */
function textsOf(folders: readonly string[]): Set<string> {
  const texts = new Set<string>()
  for (const folder of folders) {
    for (const path of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(path) || /\.test\.|testing\//.test(path)) continue
      const source = readFileSync(join(ROOT, folder, path), 'utf8')
      for (const [, text = ''] of source.matchAll(/\b(?:t|msg)\(\s*'([^']*)'/g)) texts.add(text)
      for (const [, text = ''] of source.matchAll(/<Say\s+text="([^"]*)"/g)) texts.add(text)
    }
  }
  return texts
}

it('has a German word for every text of the screen, and none for what it does not say', () => {
  expect(Object.keys(CATALOGUE).toSorted()).toEqual([...textsOf(['src', 'page', 'plugin'])].toSorted())
  expect(Object.keys(de).toSorted()).toEqual(expect.arrayContaining([...textsOf(['src', 'page'])].toSorted()))
})

it('keeps the parts of a text, and its space before and after', () => {
  const partsOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([part]) => part).toSorted()
  for (const [english, german] of Object.entries(CATALOGUE)) {
    expect([english, partsOf(german)]).toEqual([english, partsOf(english)])
    expect([english, /^\s/.test(german), /\s$/.test(german)]).toEqual([english, /^\s/.test(english), /\s$/.test(english)])
  }
})

it('puts in what is said as it is, whatever it holds, and leaves a text of nobody’s as it is', () => {
  setLanguage('de', CATALOGUE)
  expect(t('Nothing of this language')).toBe('Nothing of this language')
  expect(t('{name} in each process', { name: '{name} $& <b>' })).toBe('{name} $& <b> in jedem Prozess')
  expect(wordFor('Failed')).toBe('Fehlgeschlagen')
  expect(['de', 'de-AT', 'DE', 'en-GB', 'fr', '', undefined].map(languageOf)).toEqual(['de', 'de', 'de', 'en', 'en', 'en', 'en'])
})
