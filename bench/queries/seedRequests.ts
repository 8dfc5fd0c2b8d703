import type postgres from 'postgres'

export type SeedOptions = {
  finished: number
  active: number
  /** Finished requests reach back this far. */
  days: number
  /** The newest finished requests, and all active ones, have events and spans too. */
  withEvents: number
}

/**
 * Fills an empty, migrated database with requests as ingest would have left them, some 10,000 a second: past the
 * triggers, so it takes a superuser. A test holds a sample against the database's own derivation.
 */
export async function seedRequests(sql: postgres.Sql, options: SeedOptions, say: (line: string) => void = () => {}): Promise<void> {
  const { finished, active, days, withEvents } = options
  await sql`
    select ensure_partition(p.table_name, p.step, d.opens at time zone 'UTC')
    from partition_policies p,
      generate_series(
        date_trunc(p.step, (now() - make_interval(days => ${days}::integer)) at time zone 'UTC'), now() at time zone 'UTC', ('1 ' || p.step)::interval
      ) as d (opens)`
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    await tx`select setseed(0.5)`
    say('students')
    await tx`
      insert into students (organization_id, student_id, full_name, named_at)
      select 'org-' || n % 20, 'student-' || n, 'Student Number ' || n, now() from generate_series(0, 4999) n`
    say(`${finished} finished and ${active} active requests`)
    await tx`
      create temp table seeded on commit drop as
      with drawn as (
        select n, n > ${finished}::integer as is_active, random() as fate, (random() * 4999)::integer as student, (random() * 999)::integer as topic,
          date_trunc('milliseconds', case when n > ${finished}::integer then now() - random() * interval '180 s'
            else now() - interval '5 minutes' - (1 - n::double precision / ${finished}::integer) * make_interval(days => ${days - 1}::integer) end) as created_at
        from generate_series(1, ${finished + active}::integer) n
      )
      select *,
        request_id_of(format('vvd_%s_%s', (extract(epoch from created_at) * 1000)::bigint, lpad(to_hex(n), 8, '0'))) as id,
        case when is_active then null when fate < 0.05 then 'failed' when fate < 0.06 then 'cancelled' else 'completed' end::request_status as outcome,
        -- The last stage begun.
        case when not is_active and fate >= 0.06 then 6
          else 1 + (is_active::integer * extract(epoch from now() - created_at) / 31 + (not is_active)::integer * fate * 80)::integer % 6
        end as reached,
        -- One in two hundred is slow.
        (0.5 + random()) * case when random() < 0.005 then 6 else 1 end as pace
      from drawn`
    await tx`
      create temp table seeded_stage on commit drop as
      select q.id as request_id, q.n, d.stage_name, d.stage_order, d.request_status,
        case when d.stage_order < q.reached or q.outcome = 'completed' then 'completed'
          when q.outcome = 'failed' then 'failed' else 'in_progress' end::stage_status as status,
        q.created_at + interval '1 s' + make_interval(secs => q.pace * (b.before)::double precision) as started_at,
        q.created_at + interval '1 s' + make_interval(secs => q.pace * (b.before + d.expected_duration_seconds)::double precision) as ends_at
      from seeded q
      join pipeline_stage_definitions d on d.pipeline_name = 'content_generation' and d.stage_order <= q.reached
      cross join lateral (
        select coalesce(sum(e.expected_duration_seconds), 0) as before from pipeline_stage_definitions e
        where e.pipeline_name = 'content_generation' and e.stage_order < d.stage_order
      ) b`
    await tx`create index on seeded_stage (request_id, stage_order)`
    await tx`analyze seeded_stage`
    await tx`
      insert into content_requests (id, organization_id, student_id, topic, learning_objective, status, current_stage,
        progress_percentage, created_at, started_at, completed_at, failed_at, cancelled_at, video_url, error_message,
        error_stage, error_details, total_duration_seconds, outcome, claims, updated_at)
      select q.id, 'org-' || q.student % 20, 'student-' || q.student,
        (array['Photosynthesis', 'Fractions', 'Volcanoes', 'The Moon', 'Grammar', 'Gravity', 'Rivers', 'Poetry', 'Energy', 'Cells'])[1 + q.topic % 10]
          || ' lesson ' || q.topic || case when q.n % 100000 = 77 then ' with quokkas' else '' end,
        'Understand it well enough to explain it', coalesce(q.outcome, s.request_status),
        case when q.outcome is null then s.stage_name end,
        case when q.outcome = 'completed' then 100
          else least(99, 100 * (q.reached - (q.outcome is not distinct from 'failed')::integer) / 6) end,
        q.created_at, q.created_at + interval '1 s',
        case when q.outcome = 'completed' then s.ends_at end, case when q.outcome = 'failed' then s.ends_at end,
        case when q.outcome = 'cancelled' then s.ends_at end,
        case when q.outcome = 'completed' then 'https://cdn.example/' || q.id end,
        case when q.outcome = 'failed' then 'The provider did not answer within 30 s' end,
        case when q.outcome = 'failed' then s.stage_name end,
        case when q.outcome = 'failed' then '{"error.type": "TimeoutError"}'::jsonb end,
        case when q.outcome is not null then extract(epoch from s.ends_at - q.created_at) end, q.outcome,
        jsonb_build_object('started', jsonb_build_array(epoch_us(q.created_at + interval '1 s'), ''))
          || case when q.outcome is null then '{}' else jsonb_build_object(q.outcome, jsonb_build_array(epoch_us(s.ends_at), '')) end,
        coalesce(case when q.outcome is not null then s.ends_at end, now())
      from seeded q
      join seeded_stage s on s.request_id = q.id and s.stage_order = q.reached
      order by q.n`
    say('stages')
    await tx`
      insert into request_stages (request_id, stage_name, stage_order, status, started_at, completed_at, error_message, error_details)
      select request_id, stage_name, stage_order, status, started_at,
        case when status in ('completed', 'failed') then ends_at end,
        case when status = 'failed' then 'The provider did not answer within 30 s' end,
        case when status = 'failed' then '{"error.type": "TimeoutError"}'::jsonb end
      from seeded_stage order by n, stage_order`
    say(`events and spans of ${withEvents + active}`)
    await tx`
      insert into request_events (request_id, id, event_type, event_message, stage_name, attempt, created_at, event_data, span_id, source_service)
      select s.request_id, coalesce(
          event_id_of(e.event_type, s.stage_name, 1, null, null), md5(s.request_id || s.stage_name || e.event_type)::uuid
        ), e.event_type, s.stage_name || ' ' || e.event_type,
        s.stage_name, 1, e.at, '{"url.full": "https://provider.example/v1"}', substr(md5(s.request_id || s.stage_name), 1, 16), 'content-worker'
      from seeded_stage s
      cross join lateral (values ('stage_started', s.started_at), ('api_call', s.started_at + interval '10 ms'), ('stage_' || s.status, s.ends_at)) e (event_type, at)
      where s.n > ${finished - withEvents}::integer and (s.status <> 'in_progress' or e.event_type <> 'stage_in_progress')`
    await tx`
      insert into request_spans (request_id, span_id, parent_span_id, name, kind, status_code, started_at, ended_at, attributes, source_service)
      select s.request_id, substr(md5(s.request_id || s.stage_name), 1, 16), right(replace(s.request_id::text, '-', ''), 16),
        'stage ' || s.stage_name, 1, 0, s.started_at, s.ends_at, jsonb_build_object('vividly.stage.name', s.stage_name), 'content-worker'
      from seeded_stage s
      where s.n > ${finished - withEvents}::integer and s.status <> 'in_progress'`
    await tx`
      insert into request_metric_hours_due (hour) select distinct date_trunc('hour', created_at, 'UTC') from seeded`
  })
  say('statistics and hourly figures')
  await sql.unsafe('vacuum (analyze)')
  for (let made = 24; made > 0; ) {
    const [row] = await sql<{ made: number }[]>`select refresh_request_metrics() as made`
    made = row?.made ?? 0
  }
  for (let made = 1; made > 0; ) {
    const [row] = await sql<{ made: number }[]>`select make_request_periods(100000) as made`
    made = row?.made ?? 0
  }
  await sql`select refresh_stage_paces()`
  await sql`select make_ended_quarters()`
  await sql`select make_requests_in_flight()`
  // Of the figures too: without it their plans are guesses, until autovacuum comes by at a moment of its own.
  await sql.unsafe('vacuum (analyze)')
}
