-- What each stage took of late, kept so that lists of many rows need not merge a week of sketches: made anew every
-- minute. Only what twenty or more requests are known of; of all organizations together.
create table stage_paces (
  -- Null: whole requests.
  stage_name text,
  samples bigint not null,
  p05_seconds double precision not null,
  p50_seconds double precision not null,
  p95_seconds double precision not null,
  unique nulls not distinct (stage_name)
);

-- Of the seven days before the moment. One caller at a time; another one leaves it to that.
create function refresh_stage_paces(moment timestamptz default now()) returns void
  language plpgsql as $$
begin
  if not pg_try_advisory_xact_lock(hashtext('refresh_stage_paces')) then
    return;
  end if;
  delete from stage_paces;
  insert into stage_paces (stage_name, samples, p05_seconds, p50_seconds, p95_seconds)
  select w.stage_name, w.samples, sketch_quantile(w.durations, 0.05), sketch_quantile(w.durations, 0.5),
    sketch_quantile(w.durations, 0.95)
  from (
    select q.stage_name, sum(q.completed) as samples, merge_sketches(array_agg(q.durations)) as durations
    from request_quarters q
    where q.quarter >= moment - interval '168 hours' and q.quarter < moment and q.organization_id is null
    group by q.stage_name
  ) w
  where w.samples >= 20 and cardinality((w.durations).buckets) > 0;
end
$$;
