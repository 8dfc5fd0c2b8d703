-- What costs most of a batch is its events: those that spans imply are looked up before they are made, for nearly all were
-- told by the service itself.

-- Stable, as the cast inside is: else Postgres would not inline it.
create or replace function stage_status_of(level integer) returns stage_status
  language sql stable parallel safe
  return case level % 8 when 1 then 'in_progress' when 2 then 'skipped' when 3 then 'failed' when 4 then 'completed' else 'pending' end::stage_status;

-- Of the versions of one event within the batch the digest decides only where there are several: it costs more than all else.
create or replace function record_events(signals tracked_signal[]) returns setof uuid
  language plpgsql
as $$
begin
  return query
    with own as (
      select s.request_id, event_id_of(s.kind, s.stage_name, case when s.stage_name is not null then s.attempt end, s.uid, s.digest) as id,
        s.kind as event_type, s.message as event_message, s.stage_name,
        case when s.stage_name is not null then s.attempt end as attempt, s.severity, s.said_us,
        s.attributes - array['user.full_name', 'vividly.request.script_text', 'log.record.uid', 'vividly.stage.name', 'vividly.stage.attempt']
          as event_data,
        s.span_id, s.service as source_service, s.host as source_host, false as is_derived
      from unnest(signals) s
      where not s.is_span and s.request_id is not null and s.kind <> 'circuit_breaker_status'
    ),
    -- The life-cycle events of spans, so that a client that sends spans alone has a timeline too.
    implied as (
      select s.request_id, s.stage_name, s.attempt, s.outcome, s.error, s.severity, s.span_id, s.service, s.host, v.is_start,
        case when v.is_start then s.started_us else s.said_us end as said_us,
        case when s.kind = 'stage' then s.attempt end as event_attempt,
        case
          when s.kind = 'stage' then 'stage_' || case when v.is_start then 'started' else s.outcome end
          else 'request_' || case when v.is_start then 'created' else s.outcome end
        end as event_type
      from unnest(signals) s
      cross join (values (true), (false)) v (is_start)
      where s.is_span and s.kind in ('stage', 'root')
    ),
    identified as (
      select i.*, event_id_of(i.event_type, i.stage_name, i.event_attempt, null, null) as id from implied i offset 0
    ),
    shaped as (
      select * from own
      union all
      select i.request_id, i.id, i.event_type,
        case
          when not i.is_start and i.error ->> 'message' is not null then i.error ->> 'message'
          when i.stage_name is not null then 'Stage ' || i.stage_name || ' ' || case when i.is_start then 'started' else i.outcome end
          else 'Request ' || case when i.is_start then 'created' else i.outcome end
        end,
        i.stage_name, i.event_attempt, case when i.is_start then 'info' else i.severity end, i.said_us,
        case when i.is_start then '{}' else raw_attributes(coalesce(nullif(i.error -> 'details', 'null'), '{}')) end,
        i.span_id, i.service, i.host, true
      from identified i
      where (select e.is_derived from request_events e where e.request_id = i.request_id and e.id = i.id) is distinct from false
    ),
    counted as (
      select e.*, count(*) over (partition by e.request_id, e.id) > 1 as has_others from shaped e
    ),
    chosen as (
      select distinct on (e.request_id, e.id) e.*
      from counted e
      order by e.request_id, e.id, e.is_derived, case when e.event_type = 'stage_heartbeat' then -e.said_us else e.said_us end,
        case when e.has_others then event_digest(e.event_message, e.severity, e.event_data, e.span_id, e.source_service, e.source_host) end
    )
    insert into request_events as e
      (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived)
    select
      c.request_id, c.id, c.event_type, c.event_message, c.stage_name, c.attempt, c.severity, timestamp_of_us(c.said_us), c.event_data,
      c.span_id, c.source_service, c.source_host, c.is_derived
    from chosen c
    on conflict (request_id, id) do update
      set event_message = excluded.event_message, severity = excluded.severity, created_at = excluded.created_at,
        event_data = excluded.event_data, span_id = excluded.span_id, source_service = excluded.source_service,
        source_host = excluded.source_host, is_derived = excluded.is_derived, event_type = excluded.event_type,
        stage_name = excluded.stage_name, attempt = excluded.attempt
      where (excluded.is_derived, event_sort_us(excluded.event_type, excluded.created_at),
          event_digest(excluded.event_message, excluded.severity, excluded.event_data, excluded.span_id, excluded.source_service, excluded.source_host))
        < (e.is_derived, event_sort_us(e.event_type, e.created_at),
          event_digest(e.event_message, e.severity, e.event_data, e.span_id, e.source_service, e.source_host))
    returning e.request_id;
end
$$;

drop function implied_events(tracked_signal[]);
