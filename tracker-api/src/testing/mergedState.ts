import type postgres from 'postgres'

/**
 * Everything merging keeps of the requests in a test database, without the arrival's own traces (received_at,
 * version, the logs of changes). Two ways of telling the same story must give the same state.
 */
export async function mergedState(sql: postgres.Sql): Promise<unknown> {
  const [row] = await sql`
    select
      (select jsonb_agg(to_jsonb(r) - '{received_at,updated_at,version}'::text[] order by r.id)
        from content_requests r) as requests,
      (select jsonb_agg(to_jsonb(s) - 'received_at' order by s.request_id, s.stage_name) from request_stages s) as stages,
      (select jsonb_agg(to_jsonb(e) - 'received_at' order by e.request_id, e.id) from request_events e) as events,
      (select jsonb_agg(to_jsonb(p) - 'received_at' order by p.request_id, p.span_id) from request_spans p) as spans,
      (select jsonb_agg(to_jsonb(t) order by t.organization_id, t.student_id) from students t) as students,
      (select jsonb_agg(to_jsonb(b) - '{received_at,version}'::text[] order by b.name, b.service, b.instance_id)
        from circuit_breakers b) as breakers`
  return row
}

export async function emptyTables(sql: postgres.Sql): Promise<void> {
  await sql`
    with requests as (delete from content_requests), stages as (delete from request_stages),
      events as (delete from request_events), spans as (delete from request_spans), names as (delete from students)
    delete from circuit_breakers`
}
