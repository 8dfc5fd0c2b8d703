-- How many are in flight, and how many of them pending. They lie on few pages, the newest ones; read page by page 10,000 take
-- 2.4 ms, in the order of their index 3.6: the planner, who can't know that they are in memory, prefers the latter. Hence a
-- plan of its own, whose settings reach no other query.
create function count_in_flight(out active integer, out pending integer)
  language plpgsql stable parallel safe
  set enable_indexscan = off set enable_indexonlyscan = off as $$
begin
  select count(*), count(*) filter (where r.status = 'pending') into active, pending
  from content_requests r where r.outcome is null;
end
$$;
