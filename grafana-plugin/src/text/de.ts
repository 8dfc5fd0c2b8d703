import { deScreen } from './deScreen.ts'
import { deStates } from './deStates.ts'
import type { Catalogue } from './locale.ts'

/** German, of the views. A test holds it complete, and its parts in braces the same. */
export const de: Catalogue = { ...deScreen, ...deStates }
