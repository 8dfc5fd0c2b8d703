/** What `npm run load` reads when k6 has ended: k6's own figures, as JSON, in the file that it named. */
export function writeSummary(data: unknown): Record<string, string> {
  return { [__ENV['SUMMARY_FILE'] ?? 'summary.json']: JSON.stringify(data) }
}
