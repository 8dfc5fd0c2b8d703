-- Signals as the API hands them over (tracker-api/src/signal.ts), and pure functions that read them.

create type span_signal as (
  trace_id text, span_id text, parent_span_id text, name text, kind smallint, started_us bigint, ended_us bigint,
  status_code smallint, status_message text, attributes jsonb, exception jsonb, scope text,
  service text, host text, instance text
);

create type log_signal as (
  trace_id text, span_id text, event_name text, message text, severity event_severity, time_us bigint, uid text,
  attributes jsonb, service text, host text, instance text
);

create type signal_refusal as (signal text, reason text, detail text, payload jsonb);

-- What spans and log records alike say once they belong to a request: the common form that merging reads.
create type tracked_signal as (
  request_id uuid,
  -- 'root', 'stage' or 'other' for a span; the event type for a record.
  kind text,
  is_span boolean,
  stage_name text,
  attempt integer,
  -- A record's time twice; a span's start and end.
  started_us bigint,
  said_us bigint,
  -- Outcome of a stage or a request, null where nothing is said of one.
  outcome text,
  -- {"message", "stage", "details"}, null where nothing failed.
  error jsonb,
  message text,
  severity event_severity,
  uid text,
  span_id text,
  attributes jsonb,
  service text, host text, instance text,
  -- Of the content: breaks ties between signals of one time.
  digest text
);

-- An attribute as a whole number, the fallback where it is none: a client's mistake must not break a batch.
create function integer_attribute(attributes jsonb, name text, fallback bigint) returns bigint
  language sql immutable parallel safe
  return case when attributes ->> name ~ '^[0-9]{1,15}$' then (attributes ->> name)::bigint else fallback end;

create function stage_attempt_of(attributes jsonb) returns integer
  language sql immutable parallel safe
  return greatest(1, least(integer_attribute(attributes, 'vividly.stage.attempt', 1), 1000000))::integer;

-- max_attempts - 1, null where the service says none.
create function said_max_retries_of(attributes jsonb) returns integer
  language sql immutable parallel safe
  return case
    when attributes ->> 'vividly.stage.max_attempts' ~ '^[1-9][0-9]{0,5}$'
    then (attributes ->> 'vividly.stage.max_attempts')::integer - 1
  end;

-- A map, or on spans its JSON text; text that is no JSON stays text.
create function output_attribute(attributes jsonb) returns jsonb
  language sql stable parallel safe
  return case
    when jsonb_typeof(attributes -> 'vividly.stage.output') = 'string'
      and pg_input_is_valid(attributes ->> 'vividly.stage.output', 'jsonb')
    then (attributes ->> 'vividly.stage.output')::jsonb
    else attributes -> 'vividly.stage.output'
  end;

-- What failed: the exception's words, else the given ones.
create function error_of(attributes jsonb, exception jsonb, message text) returns jsonb
  language sql stable parallel safe
  return jsonb_build_object(
    'message', coalesce(
      nullif(attributes ->> 'exception.message', ''), nullif(message, ''), nullif(exception ->> 'exception.message', ''),
      nullif(attributes ->> 'error.type', ''), exception ->> 'exception.type'
    ),
    'stage', attributes ->> 'vividly.stage.name',
    'details', nullif(
      jsonb_strip_nulls(jsonb_build_object(
        'error.type', attributes -> 'error.type',
        'exception.type', coalesce(attributes -> 'exception.type', exception -> 'exception.type'),
        'exception.message', coalesce(attributes -> 'exception.message', exception -> 'exception.message'),
        'exception.stacktrace', coalesce(attributes -> 'exception.stacktrace', exception -> 'exception.stacktrace'),
        'vividly.circuit_breaker.name', attributes -> 'vividly.circuit_breaker.name'
      )),
      '{}'
    )
  );

-- The seed's type of an event name: `vividly.` dropped, dots to underscores; a service's own name as it is.
create function event_type_of(event_name text, attributes jsonb) returns text
  language sql immutable parallel safe
  return case
    when event_name = 'vividly.circuit_breaker.state_changed' and attributes ->> 'vividly.circuit_breaker.state' = 'open'
    then 'circuit_breaker_open'
    when starts_with(event_name, 'vividly.') then replace(substr(event_name, 9), '.', '_')
    else event_name
  end;

create function carries_vividly_attribute(attributes jsonb) returns boolean
  language sql immutable parallel safe
  return exists (select from jsonb_object_keys(attributes) name where starts_with(name, 'vividly.'));

-- Attributes that have a column or table of their own are not repeated in the raw data.
create function raw_attributes(attributes jsonb) returns jsonb
  language sql immutable parallel safe
  return attributes - array['user.full_name', 'vividly.request.script_text', 'log.record.uid'];

-- Why a state that a signal names can't be: null where nothing is wrong.
create function unknown_state_in(attributes jsonb) returns text
  language sql immutable parallel safe
  return case
    when attributes ->> 'vividly.stage.status' not in ('completed', 'failed', 'skipped')
    then 'vividly.stage.status is none of completed, failed, skipped'
    when attributes ->> 'vividly.request.status' not in ('completed', 'failed', 'cancelled')
    then 'vividly.request.status is none of completed, failed, cancelled'
    when attributes ->> 'vividly.circuit_breaker.state' not in ('closed', 'half_open', 'open')
    then 'vividly.circuit_breaker.state is none of closed, half_open, open'
  end;

-- What one batch has to know of a trace, found out once.
create type known_trace as (
  trace_id text, request_id uuid, is_ours boolean,
  -- Why everything of it is refused, null where it is not.
  reason text, detail text
);

create function known_traces(trace_ids text[], moment timestamptz) returns setof known_trace
  language sql stable
begin atomic
  select t.trace_id, request_id_of(t.trace_id), i.own is not null,
    case when i.own_time < w.since then 'too_old' when i.own_time > w.until then 'too_far_ahead' end,
    case
      when i.own_time < w.since then format('%s is older than what is kept: since %s', i.own, w.since)
      when i.own_time > w.until then format('%s lies more than a day ahead', i.own)
    end
  from (select distinct unnest(trace_ids) as trace_id) t,
    lateral (select own_correlation_id_of(t.trace_id) as own offset 0) o,
    lateral (select o.own, case when o.own is not null then identity_time_of(t.trace_id::uuid) end as own_time offset 0) i,
    (select accepted_since(moment) as since, accepted_until(moment) as until offset 0) w
  where t.trace_id is not null;
end;

-- Whether a signal is of a request: its trace is ours, or it carries an attribute or a name of ours.
create function is_tracked(trace known_trace, attributes jsonb, event_name text) returns boolean
  language sql immutable parallel safe
  return trace.is_ours or carries_vividly_attribute(attributes) or starts_with(event_name, 'vividly.');

-- Why a signal is refused, null where it is taken.
create function refusal_of(trace known_trace, attributes jsonb) returns text
  language sql immutable parallel safe
  return coalesce(trace.detail, unknown_state_in(attributes));

create function signals_of_spans(spans span_signal[], traces known_trace[]) returns setof tracked_signal
  language sql stable
begin atomic
  select
    t.request_id, k.kind, true,
    case k.kind when 'stage' then s.attributes ->> 'vividly.stage.name' end,
    stage_attempt_of(s.attributes),
    s.started_us, s.ended_us, o.outcome,
    case when o.outcome = 'failed' then error_of(s.attributes, s.exception, s.status_message) end,
    null::text,
    case when o.outcome = 'failed' then 'error' else 'info' end::event_severity,
    null::text, s.span_id, s.attributes, s.service, s.host, s.instance,
    md5(concat_ws('/', 'span', s.name, s.started_us, s.ended_us, s.status_code, s.status_message, s.attributes, s.service, s.instance))
  from unnest(spans) s
  join unnest(traces) t using (trace_id),
    lateral (
      select case
        when s.attributes ->> 'vividly.stage.name' <> '' then 'stage'
        when t.is_ours and s.span_id = right(s.trace_id, 16) or not t.is_ours and s.parent_span_id is null then 'root'
        else 'other'
      end as kind
    ) k,
    lateral (
      select case when k.kind <> 'other' then coalesce(
        s.attributes ->> ('vividly.' || case k.kind when 'stage' then 'stage' else 'request' end || '.status'),
        case s.status_code when 2 then 'failed' else 'completed' end
      ) end as outcome
    ) o
  where is_tracked(t, s.attributes, '') and refusal_of(t, s.attributes) is null;
end;

-- Breaker records are taken outside any request too.
create function signals_of_logs(logs log_signal[], traces known_trace[]) returns setof tracked_signal
  language sql stable
begin atomic
  select
    case when t.detail is null then t.request_id end, k.kind, false, k.stage_name,
    stage_attempt_of(s.attributes),
    s.time_us, s.time_us,
    case
      when k.kind in ('request_completed', 'request_failed', 'request_cancelled') then substr(k.kind, 9)
      when k.stage_name is null then null
      when k.kind in ('stage_completed', 'stage_failed', 'stage_skipped') then substr(k.kind, 7)
      when k.kind in ('stage_started', 'stage_heartbeat') then 'in_progress'
      -- A retry record carries the attempt that failed.
      when k.kind = 'retry' then 'failed'
    end,
    case
      when k.kind in ('request_failed', 'stage_failed') then error_of(s.attributes, null, s.message)
      when k.kind = 'retry' then error_of(s.attributes, null, coalesce(s.attributes ->> 'vividly.retry.reason', s.message))
    end,
    s.message, s.severity, s.uid, s.span_id, s.attributes, s.service, s.host, s.instance,
    md5(concat_ws('/', 'log', s.event_name, s.time_us, s.message, s.severity, s.attributes, s.span_id, s.service, s.host, s.instance))
  from unnest(logs) s
  left join unnest(traces) t using (trace_id),
    lateral (
      select event_type_of(s.event_name, s.attributes) as kind, nullif(s.attributes ->> 'vividly.stage.name', '') as stage_name
    ) k
  where (t.trace_id is not null and is_tracked(t, s.attributes, s.event_name) or starts_with(s.event_name, 'vividly.circuit_breaker.'))
    and refusal_of(t, s.attributes) is null;
end;
