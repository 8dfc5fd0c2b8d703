import { fileURLToPath } from 'node:url'

import { rspack } from '@rspack/core'
import type { Configuration } from '@rspack/core'

const plugin = fileURLToPath(new URL('plugin', import.meta.url))
/** Each is a folder with a plugin.json and a module; the app itself stands at the top. */
const NESTED = ['datasource', 'flow-panel', 'breakers-panel', 'request-panel']

/** What Grafana gives to every plugin: never bundled, so that there is one React and one theme. */
export const EXTERNALS = [
  '@emotion/css',
  '@grafana/data',
  '@grafana/i18n',
  '@grafana/runtime',
  '@grafana/ui',
  'react',
  'react-dom',
  'react/jsx-runtime',
  'rxjs',
]

/** The plugin as Grafana loads it: one AMD `module.js` for the app and for each nested plugin, styles inside. */
export default function configure(version: string, today: string, folder: string): Configuration {
  return {
    mode: 'production',
    context: plugin,
    target: ['web', 'es2022'],
    entry: {
      module: './module.ts',
      ...Object.fromEntries(NESTED.map((name) => [`${name}/module`, `./${name}/module.ts`])),
    },
    output: {
      path: folder,
      filename: '[name].js',
      library: { type: 'amd' },
      uniqueName: 'vividly-tracker-app',
      clean: true,
    },
    externals: EXTERNALS,
    externalsType: 'amd',
    devtool: 'source-map',
    resolve: { extensions: ['.ts', '.tsx', '.js'] },
    module: {
      parser: { css: { exportType: 'style' } },
      rules: [
        { test: /\.css$/, type: 'css', use: [{ loader: 'builtin:lightningcss-loader', options: { minify: true } }] },
        {
          test: /\.tsx?$/,
          loader: 'builtin:swc-loader',
          options: {
            jsc: { parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } }, target: 'es2022' },
          },
          type: 'javascript/auto',
        },
      ],
    },
    performance: { hints: false },
    plugins: [
      new rspack.CopyRspackPlugin({
        patterns: [
          { from: '**/plugin.json', transform: (content: Buffer) => withVersion(content.toString(), version, today) },
          { from: 'img/**' },
          { from: '**/img/**', noErrorOnMissing: true },
          { from: '{README,CHANGELOG}.md' },
          { from: '../../LICENSE' },
          { from: '../../dashboards/grafana/*.json', to: 'dashboards/[name][ext]' },
        ],
      }),
    ],
  }
}

function withVersion(text: string, version: string, today: string): string {
  return text.replaceAll('%VERSION%', version).replaceAll('%TODAY%', today)
}
