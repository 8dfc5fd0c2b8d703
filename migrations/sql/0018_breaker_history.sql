-- Every change of a breaker's state that was told, and when.
create table circuit_breaker_history (
  name text not null,
  service text not null,
  instance_id text not null,
  changed_at timestamptz not null,
  state circuit_breaker_state not null,
  -- Null where nobody said it.
  previous_state circuit_breaker_state,
  received_at timestamptz not null default now(),
  primary key (name, service, instance_id, changed_at, state)
);

create index on circuit_breaker_history (changed_at desc);

-- A record that comes twice is one row; of two that differ the greater previous state stays, whatever their order.
create function record_breaker_changes(signals tracked_signal[]) returns void
  language sql
begin atomic
  insert into circuit_breaker_history as h (name, service, instance_id, changed_at, state, previous_state)
  select s.attributes ->> 'vividly.circuit_breaker.name', coalesce(s.service, 'unknown'),
    coalesce(s.instance, s.host, 'unknown'), timestamp_of_us(s.said_us),
    (s.attributes ->> 'vividly.circuit_breaker.state')::circuit_breaker_state,
    max(case when s.attributes ->> 'vividly.circuit_breaker.previous_state' in ('closed', 'half_open', 'open')
      then (s.attributes ->> 'vividly.circuit_breaker.previous_state')::circuit_breaker_state end)
  from unnest(signals) s
  where s.kind in ('circuit_breaker_open', 'circuit_breaker_state_changed')
    and s.attributes ? 'vividly.circuit_breaker.name' and s.attributes ? 'vividly.circuit_breaker.state'
  group by 1, 2, 3, 4, 5
  on conflict (name, service, instance_id, changed_at, state) do update
    set previous_state = excluded.previous_state
    where coalesce(excluded.previous_state > h.previous_state, excluded.previous_state is not null and h.previous_state is null);
end;

alter function record_circuit_breakers(tracked_signal[]) rename to record_breaker_states;

create function record_circuit_breakers(signals tracked_signal[]) returns void
  language plpgsql as $$
begin
  perform record_breaker_states(signals);
  perform record_breaker_changes(signals);
end
$$;

-- Direct writes, psql or a script.
create function circuit_breakers_written() returns trigger
  language plpgsql as $$
begin
  if not is_merging() and (tg_op = 'INSERT' or new.state <> old.state) then
    insert into circuit_breaker_history (name, service, instance_id, changed_at, state, previous_state)
    values (new.name, new.service, new.instance_id, coalesce(new.changed_at, new.updated_at), new.state,
      case when tg_op = 'UPDATE' then old.state end)
    on conflict do nothing;
  end if;
  return null;
end
$$;

create trigger circuit_breakers_written after insert or update on circuit_breakers
  for each row execute function circuit_breakers_written();
