// `node --import @vividly/instrumentation/register app.js` sets a service up without a line of code in it. Steered by
// the standard OTEL_* variables; OTEL_SDK_DISABLED=true turns it off.
import { register } from 'node:module'
import process from 'node:process'
import { environment } from './readEnvironment.ts'
import { libraryInstrumentations } from './libraryInstrumentations.ts'
import { startInstrumentation } from './startInstrumentation.ts'

if (environment('OTEL_SDK_DISABLED')?.toLowerCase() !== 'true') {
  // So that modules which are imported, not required, are instrumented too.
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
  const running = startInstrumentation({ instrumentations: libraryInstrumentations() })
  // A service that ends by itself, with nothing left to do, still sends what it has.
  process.once('beforeExit', () => void running.flush())
}
