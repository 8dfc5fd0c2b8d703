-- A stage changes once or twice, so half of each page need not stay free for its next version: of 545 bytes a stage 345 to
-- 370 are left, at the same CPU and write-ahead log (ADR 054). A request changes thirty times, and keeps its half. Pages
-- that are written already stay as they are.
create or replace function fillfactor_of(parent text) returns integer
  language sql immutable
  return case parent when 'content_requests' then 50 when 'request_stages' then 85 else 100 end;

do $$
declare
  partition regclass;
begin
  for partition in select inhrelid::regclass from pg_inherits where inhparent = 'request_stages'::regclass loop
    execute format('alter table %s set (fillfactor = %s)', partition, fillfactor_of('request_stages'));
  end loop;
end
$$;
