/**
 * First of a module's imports: names of options are made when it is loaded. Grafana knows the language when it loads
 * plugins, and loads its page anew when somebody chooses another.
 */
import { config } from '@grafana/runtime'

import { de } from '../src/text/de.ts'
import { languageOf, setLanguage } from '../src/text/locale.ts'
import { dePlugin } from './dePlugin.ts'

const language = languageOf(config.bootData?.user?.language)
setLanguage(language, language === 'de' ? { ...de, ...dePlugin } : {})
