create type request_status as enum (
  'pending', 'validating', 'retrieving', 'generating_script', 'generating_video', 'processing_video', 'notifying',
  'completed', 'failed', 'cancelled'
);

create type stage_status as enum ('pending', 'in_progress', 'completed', 'failed', 'skipped');

create type event_severity as enum ('info', 'warning', 'error', 'critical');

create type circuit_breaker_state as enum ('closed', 'half_open', 'open');

-- Stages are data: a team adds its own pipeline with rows.
create table pipeline_stage_definitions (
  pipeline_name text not null default 'content_generation',
  stage_name text not null,
  stage_order integer not null check (stage_order between 1 and 999),
  -- What a request is called while this is its furthest stage.
  request_status request_status not null check (request_status not in ('completed', 'failed', 'cancelled')),
  description text,
  -- Normal duration, the base of time-weighted progress.
  expected_duration_seconds numeric not null check (expected_duration_seconds > 0),
  max_retries integer not null default 3 check (max_retries >= 0),
  primary key (pipeline_name, stage_name),
  unique (pipeline_name, stage_order)
);

insert into pipeline_stage_definitions
  (stage_name, stage_order, request_status, description, expected_duration_seconds)
values
  ('validation', 1, 'validating', 'Checks request parameters and user permissions', 2),
  ('rag_retrieval', 2, 'retrieving', 'Vector search for the five most relevant chunks', 10),
  ('script_generation', 3, 'generating_script', 'Writes the script with Gemini', 30),
  ('video_generation', 4, 'generating_video', 'Renders the video with Nano Banana', 120),
  ('video_processing', 5, 'processing_video', 'Downloads the video, uploads it to the CDN, makes the thumbnail', 20),
  ('notification', 6, 'notifying', 'Mails the student the link to the video', 2);

-- The order of a stage that its pipeline's definitions don't know: behind every known one.
create function unknown_stage_order() returns integer
  language sql immutable parallel safe
  return 1000;
