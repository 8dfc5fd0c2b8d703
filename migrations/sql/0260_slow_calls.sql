-- Of the calls, failed or not, those that took as long as the service calls slow: a provider is often slow before it fails.
alter table circuit_breakers add column slow_calls bigint not null default 0;

-- The latest record of an instance says its state and counts.
create or replace function record_breaker_states(signals tracked_signal[]) returns void
  language sql
begin atomic
  with said as (
    select s.attributes ->> 'vividly.circuit_breaker.name' as name, coalesce(s.service, 'unknown') as service,
      coalesce(s.instance, s.host, 'unknown') as instance_id,
      (s.attributes ->> 'vividly.circuit_breaker.state')::circuit_breaker_state as state,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.calls', 0) as calls,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.failures', 0) as failures,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.rejected', 0) as rejected,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.slow_calls', 0) as slow_calls,
      case when pg_input_is_valid(s.attributes ->> 'vividly.circuit_breaker.retry_at', 'timestamptz')
        then (s.attributes ->> 'vividly.circuit_breaker.retry_at')::timestamptz end as retry_at,
      timestamp_of_us(s.said_us) as updated_at, s.digest,
      case when s.kind <> 'circuit_breaker_status' then timestamp_of_us(s.said_us) end as changed_at
    from unnest(signals) s
    where s.kind in ('circuit_breaker_status', 'circuit_breaker_open', 'circuit_breaker_state_changed')
      and s.attributes ? 'vividly.circuit_breaker.name' and s.attributes ? 'vividly.circuit_breaker.state'
  ),
  latest as (
    select distinct on (name, service, instance_id) said.*,
      max(said.changed_at) over instance as last_changed_at, min(said.updated_at) over instance as first_seen_at
    from said
    window instance as (partition by name, service, instance_id)
    order by name, service, instance_id, updated_at desc, digest desc
  ),
  stored as (
    insert into circuit_breakers as b
      (name, service, instance_id, state, calls, failures, rejected, slow_calls, retry_at, updated_at, digest, changed_at, first_seen_at)
    select name, service, instance_id, state, calls, failures, rejected, slow_calls, retry_at, updated_at, digest, last_changed_at, first_seen_at
    from latest
    on conflict (name, service, instance_id) do update
      set state = case when is_later(excluded, b) then excluded.state else b.state end,
        calls = case when is_later(excluded, b) then excluded.calls else b.calls end,
        failures = case when is_later(excluded, b) then excluded.failures else b.failures end,
        rejected = case when is_later(excluded, b) then excluded.rejected else b.rejected end,
        slow_calls = case when is_later(excluded, b) then excluded.slow_calls else b.slow_calls end,
        retry_at = case when is_later(excluded, b) then excluded.retry_at else b.retry_at end,
        updated_at = case when is_later(excluded, b) then excluded.updated_at else b.updated_at end,
        digest = case when is_later(excluded, b) then excluded.digest else b.digest end,
        changed_at = greatest(excluded.changed_at, b.changed_at),
        first_seen_at = least(excluded.first_seen_at, b.first_seen_at),
        received_at = now(),
        version = b.version + 1
      where is_later(excluded, b) or excluded.changed_at > b.changed_at or excluded.first_seen_at < b.first_seen_at
        or (excluded.changed_at is not null and b.changed_at is null)
    returning b.name, b.version
  )
  insert into change_log (circuit_breaker, version)
  select name, max(version) from stored group by name;
end;
