import { fileURLToPath } from 'node:url'

import { rspack } from '@rspack/core'

/** Grafana brings React 18 up to 13.1 and React 19 from 13.2 on; the plugin takes what it is given. */
const react18 = fileURLToPath(new URL('../../../test/react18/node_modules/', import.meta.url))
const REACTS = { 18: { 'react-dom': `${react18}react-dom`, react: `${react18}react` }, 19: {} }

export type ReactVersion = keyof typeof REACTS

/** Bundles the host page with Grafana's real packages into `dist/host19` or `dist/host18`: for tests and pictures only. */
export async function buildHost(react: ReactVersion = 19): Promise<void> {
  const compiler = rspack({
    mode: 'production',
    optimization: { minimize: false },
    context: fileURLToPath(new URL('.', import.meta.url)),
    entry: './host.tsx',
    target: ['web', 'es2022'],
    output: { path: fileURLToPath(new URL(`../../dist/host${react}`, import.meta.url)), filename: 'host.js', publicPath: '/host/', clean: true },
    resolve: { extensions: ['.ts', '.tsx', '.js'], alias: REACTS[react] },
    module: {
      // SystemJS finds its own way to the global object.
      rules: [
        {
          test: /\.tsx?$/,
          loader: 'builtin:swc-loader',
          options: { jsc: { parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } }, target: 'es2022' } },
          type: 'javascript/auto',
        },
        { test: /\.m?js$/, resolve: { fullySpecified: false } },
        { test: /systemjs.*\.js$/, parser: { amd: false, commonjs: false, system: false } as never },
        { test: /\.css$/, type: 'css' },
      ],
      parser: { css: { exportType: 'style' } },
    },
    plugins: [new rspack.DefinePlugin({ 'process.env.NODE_ENV': '"production"', 'process.env.JEST_WORKER_ID': 'undefined', global: 'window' })],
    performance: { hints: false },
    devtool: false,
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  compiler.run((error, stats) => {
    compiler.close(() => {
      if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString({ preset: 'errors-only' })))
      else resolve()
    })
  })
  return promise
}
