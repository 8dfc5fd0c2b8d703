-- Merges at most max_hours hours that are over, newest first, and the days whose hours are all merged. Returns how many
-- periods it made: call again while it is at least max_hours. Not while figures are made, which would take away what is
-- merged here; so it begins none after five seconds, for figures wait meanwhile.
create or replace function make_request_periods(max_hours integer default 24) returns integer
  language plpgsql as $$
declare
  due timestamptz;
  made integer := 0;
  ends_at timestamptz := clock_timestamp() + interval '5 seconds';
begin
  if not pg_try_advisory_xact_lock(hashtext('refresh_request_metrics')) then
    return 0;
  end if;
  for due in
    select d.opens from request_periods_due d
    where d.step = 'hour' and d.opens <= now() - interval '1 hour'
    order by d.opens desc limit max_hours
  loop
    insert into request_periods (step, opens, organization_id, stage_name, stage_order, total, completed, failed, cancelled,
      skipped, retries, sum_seconds, durations)
    select 'hour', due, q.organization_id, q.stage_name, min(q.stage_order), sum(q.total), sum(q.completed), sum(q.failed),
      sum(q.cancelled), sum(q.skipped), sum(q.retries), sum(q.sum_seconds), merge_sketches(array_agg(q.durations))
    from request_quarters q
    where q.quarter >= due and q.quarter < due + interval '1 hour'
    group by q.organization_id, q.stage_name;
    delete from request_periods_due d where d.step = 'hour' and d.opens = due;
    made := made + 1;
    exit when clock_timestamp() > ends_at;
  end loop;
  for due in
    select d.opens from request_periods_due d
    where d.step = 'day' and d.opens <= now() - interval '24 hours'
      and not exists (
        select from request_periods_due h
        where h.step = 'hour' and h.opens >= d.opens and h.opens < d.opens + interval '24 hours'
      )
    order by d.opens desc limit greatest(max_hours / 8, 1)
  loop
    insert into request_periods (step, opens, organization_id, stage_name, stage_order, total, completed, failed, cancelled,
      skipped, retries, sum_seconds, durations)
    select 'day', due, p.organization_id, p.stage_name, min(p.stage_order), sum(p.total), sum(p.completed), sum(p.failed),
      sum(p.cancelled), sum(p.skipped), sum(p.retries), sum(p.sum_seconds), merge_sketches(array_agg(p.durations))
    from request_periods p
    where p.step = 'hour' and p.opens >= due and p.opens < due + interval '24 hours'
    group by p.organization_id, p.stage_name;
    delete from request_periods_due d where d.step = 'day' and d.opens = due;
    made := made + 1;
    exit when clock_timestamp() > ends_at;
  end loop;
  return made;
end
$$;
