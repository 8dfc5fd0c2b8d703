import { fileURLToPath } from 'node:url'

import { rspack } from '@rspack/core'

/** Bundles the host page with Grafana's real packages into `dist/host`: for tests and pictures only. */
export async function buildHost(): Promise<void> {
  const compiler = rspack({
    mode: 'production',
    optimization: { minimize: false },
    context: fileURLToPath(new URL('.', import.meta.url)),
    entry: './host.tsx',
    target: ['web', 'es2022'],
    output: { path: fileURLToPath(new URL('../../dist/host', import.meta.url)), filename: 'host.js', publicPath: '/host/', clean: true },
    resolve: { extensions: ['.ts', '.tsx', '.js'] },
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
