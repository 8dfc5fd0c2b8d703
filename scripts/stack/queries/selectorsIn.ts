/** Of our metrics, our recording rules' and the Collector's; a label may begin in the same way. */
const SELECTOR = /\b(?:(?:cluster|stage|pipeline):\w+(?::\w+)?|vividly_\w+|otelcol_\w+|up)(?:\{[^}]*\})?/g
const GROUPING = /\b(?:by|without|on|ignoring)\s*\([^)]*\)/g

/** The series that a PromQL expression selects, with their matchers. */
export function selectorsIn(expr: string): string[] {
  return [...new Set(expr.replaceAll(GROUPING, '').match(SELECTOR) ?? [])]
}
