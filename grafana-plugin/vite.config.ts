import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const page = fileURLToPath(new URL('page', import.meta.url))

/**
 * The page as plain files: hashed assets, no inline script or style, so that the tracker can serve it under
 * `script-src 'self'; style-src 'self'`.
 */
export default defineConfig(({ command }) => {
  // Whatever the caller's is: with `test` or `development` the page would get another React, of twice the size.
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  return {
    base: '/monitoring/dashboard/',
    // `vite build grafana-plugin` names this folder as the root, which would win over a plain `root` here.
    plugins: [react(), { name: 'page-is-the-root', config: () => ({ root: page }) }],
    build: {
      outDir: fileURLToPath(new URL('dist/page', import.meta.url)),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2022',
      // The first versions with light-dark(), on which the theme rests.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    },
  }
})
