import type { PlanNode } from './ObservedPool.ts'

/**
 * How plans reach each table, each way once: `content_requests: Index Scan by content_requests_pkey`. Partitions are
 * told by their parent's name. What they do with the rows is left out: it may differ with each row more.
 * @param tiny partitions too small to matter, which the planner rightly reads whole
 */
export function toPlanShape(plans: readonly PlanNode[], tiny: ReadonlySet<string>): string[] {
  return [...new Set(plans.flatMap((plan) => waysOf(plan, tiny)))].toSorted()
}

const parentOf = (name: string) => name.replace(/_(\d{4}_\d{2}(_\d{2})?|foreign_(low|high))(?=$|_)/, '')

function waysOf(node: PlanNode, tiny: ReadonlySet<string>): string[] {
  const { 'Node Type': type, 'Relation Name': relation, 'Index Name': index, Plans = [] } = node
  const inside = Plans.flatMap((plan) => waysOf(plan, tiny))
  if (relation !== undefined && tiny.has(relation)) return inside
  const by = index === undefined ? '' : ` by ${parentOf(index)}`
  // A bitmap's index stands below its table, in a node of its own.
  if (relation === undefined) return by === '' ? inside : [...inside, type + by]
  return [...inside, `${parentOf(relation)}: ${type}${by}`]
}
