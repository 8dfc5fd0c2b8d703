import type { PlanNode } from './ObservedPool.ts'

/**
 * How plans reach their tables, each way once: `by content_requests_pkey`, `all of stage_paces`. Partitions are told by
 * their parent's name; what is done with the rows, and whether an index gives them at once or by a bitmap, is left out:
 * that may differ with each row more.
 * @param tiny partitions too small to matter, which the planner rightly reads whole
 */
export function toPlanShape(plans: readonly PlanNode[], tiny: ReadonlySet<string>): string[] {
  return [...new Set(plans.flatMap((plan) => waysOf(plan, tiny)))].toSorted()
}

const parentOf = (name: string) => name.replace(/_(\d{4}_\d{2}(_\d{2})?|foreign_(low|high))(?=$|_)/, '')

function waysOf(node: PlanNode, tiny: ReadonlySet<string>): string[] {
  const { 'Node Type': type, 'Relation Name': relation, 'Index Name': index, Plans = [] } = node
  if (relation !== undefined && tiny.has(relation)) return []
  const inside = Plans.flatMap((plan) => waysOf(plan, tiny))
  if (index !== undefined) return [...inside, `by ${parentOf(index)}`]
  return relation !== undefined && type === 'Seq Scan' ? [...inside, `all of ${parentOf(relation)}`] : inside
}
