-- The only place of a name, so that masking and erasing have one place. No foreign key points here: students may
-- live elsewhere. organization_id is '' where a service names none.
create table students (
  organization_id text not null default '',
  student_id text not null,
  full_name text not null,
  -- When that name was said: the latest (named_at, full_name) stays.
  named_at timestamptz not null,
  primary key (organization_id, student_id)
);

create table content_requests (
  id uuid primary key,
  correlation_id text not null generated always as (correlation_id_of(id)) stored,
  -- Only where the true trace ID is another than the request ID spells: a foreign one that begins with c1d and a digit.
  foreign_trace_id text,
  -- 32 lower-case hex digits.
  trace_id text not null generated always as (coalesce(foreign_trace_id, replace(id::text, '-', ''))) stored,
  pipeline_name text not null default 'content_generation',
  organization_id text,
  student_id text,
  topic text,
  learning_objective text,
  status request_status not null default 'pending',
  current_stage text,
  progress_percentage integer not null default 0 check (progress_percentage between 0 and 100),
  -- The ID's own time; for a foreign trace the earliest time seen.
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  failed_at timestamptz,
  cancelled_at timestamptz,
  video_url text,
  script_text text,
  thumbnail_url text,
  error_message text,
  error_stage text,
  error_details jsonb,
  retry_count integer not null default 0,
  total_duration_seconds numeric,
  -- The terminal status seen, by rank cancelled < failed < completed; null while none was.
  outcome request_status check (outcome in ('completed', 'failed', 'cancelled')),
  -- What request.failed or the root span said; error_* shows it, else the failed stage's.
  reported_error jsonb,
  -- Per field the (time, digest) it was taken from, so that merging is free of order: see claim_wins.
  claims jsonb not null default '{}',
  -- +1 with every change, under the row's lock.
  version bigint not null default 1,
  received_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) partition by range (id);

create index on content_requests (created_at desc, id desc);
create index on content_requests (created_at desc, id desc) where outcome is null;
create index on content_requests (student_id, created_at desc) where student_id is not null;
create index on content_requests (completed_at) where completed_at is not null;
create index on content_requests (failed_at) where failed_at is not null;

create table request_stages (
  id uuid not null generated always as (md5(request_id::text || '/' || stage_name)::uuid) stored,
  request_id uuid not null,
  stage_name text not null,
  stage_order integer not null default unknown_stage_order(),
  status stage_status not null default 'pending',
  -- The attempt that status speaks of, from 1.
  attempt integer not null default 1 check (attempt >= 1),
  started_at timestamptz,
  completed_at timestamptz,
  duration_seconds numeric generated always as (
    case when completed_at >= started_at then extract(epoch from completed_at - started_at) end
  ) stored,
  output_data jsonb,
  error_message text,
  error_details jsonb,
  retry_count integer not null generated always as (attempt - 1) stored,
  -- The greatest that a service said, else the pipeline definition's.
  max_retries integer not null default 3,
  said_max_retries integer,
  -- When the next try is due, as the latest retry record said.
  next_attempt_at timestamptz,
  -- Worker that said it last: resource service.name and service.instance.id.
  worker_service text,
  worker_instance text,
  -- As in content_requests, for the present (attempt, status).
  claims jsonb not null default '{}',
  received_at timestamptz not null default now(),
  primary key (request_id, stage_name)
) partition by range (request_id);

-- No foreign key (5 µs a row; arrival is free of order) and no index beyond the key.
create table request_events (
  request_id uuid not null,
  -- Made of what identifies the event, so that it is one row however often it comes: see event_id_of.
  id uuid not null,
  event_type text not null,
  event_message text,
  stage_name text,
  -- Attempt of a stage event, from 1.
  attempt integer,
  severity event_severity not null default 'info',
  created_at timestamptz not null,
  event_data jsonb not null default '{}',
  span_id text collate "C",
  source_service text,
  source_host text,
  -- Written by the database for a span or a direct write; a service's own record replaces it.
  is_derived boolean not null default false,
  received_at timestamptz not null default now(),
  primary key (request_id, id)
) partition by range (request_id);

create table request_spans (
  request_id uuid not null,
  span_id text collate "C" not null,
  parent_span_id text collate "C",
  name text not null,
  -- OTLP SpanKind and StatusCode.
  kind smallint not null,
  status_code smallint not null,
  status_message text,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  attributes jsonb not null default '{}',
  scope text,
  source_service text,
  source_host text,
  source_instance text,
  received_at timestamptz not null default now(),
  primary key (request_id, span_id)
) partition by range (request_id);

create table circuit_breakers (
  name text not null,
  service text not null,
  instance_id text not null,
  state circuit_breaker_state not null,
  -- Cumulative since the process started.
  calls bigint not null default 0,
  failures bigint not null default 0,
  rejected bigint not null default 0,
  retry_at timestamptz,
  -- Time of the latest record; the row is that record's, ties go to the greater digest.
  updated_at timestamptz not null,
  digest text not null,
  -- Latest change of state said; null while only periodic counts came.
  changed_at timestamptz,
  first_seen_at timestamptz not null,
  version bigint not null default 1,
  received_at timestamptz not null default now(),
  primary key (name, service, instance_id)
);

-- What had to be refused, for senders never learn of a partial success.
create table dead_letters (
  id bigint generated always as identity primary key,
  received_at timestamptz not null default now(),
  -- 'span' or 'log_record'.
  signal text not null,
  reason text not null,
  detail text,
  organization_id text,
  payload jsonb
);

create index on dead_letters (received_at);

-- Observed changes of status, whoever caused them.
create table request_status_changes (
  id bigint generated always as identity primary key,
  request_id uuid not null,
  from_status request_status,
  to_status request_status not null,
  changed_at timestamptz not null default clock_timestamp()
);

create index on request_status_changes (request_id, id);

-- Hourly figures by the hour in which requests were created. organization_id null: all organizations;
-- stage_name null: the request as a whole.
create table request_metrics (
  hour timestamptz not null,
  organization_id text,
  stage_name text,
  stage_order integer,
  total integer not null,
  completed integer not null,
  failed integer not null,
  cancelled integer not null default 0,
  skipped integer not null default 0,
  retries integer not null default 0,
  average_duration_seconds numeric,
  p95_duration_seconds numeric,
  computed_at timestamptz not null default now(),
  unique nulls not distinct (hour, organization_id, stage_name)
);

-- Hours whose figures are to be made again. Without a key: writers never wait for each other or for the reader.
create table request_metric_hours_due (
  hour timestamptz not null,
  marked_at timestamptz not null default now()
);

-- The change log of the live feed: which row changed in which transaction. Readers take all since the oldest
-- transaction still running; old rows are deleted after hours.
create table change_log (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default clock_timestamp(),
  request_id uuid,
  circuit_breaker text,
  organization_id text,
  version bigint not null,
  check (num_nonnulls(request_id, circuit_breaker) = 1)
);

create index on change_log (xid);

-- Names this history of changes; replaced when a restore or a failover may have lost some of it.
create table change_feed_epoch (
  only_row boolean primary key default true check (only_row),
  epoch text not null default substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)
);

insert into change_feed_epoch default values;
