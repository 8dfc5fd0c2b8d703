-- Whether anything was told of a request since a moment. A function with a plan of its own, not to be inlined: it
-- looks into the one partition that holds the request, where a query over many requests would open every day's.
create function heard_since(of_request uuid, since timestamptz) returns boolean
  language plpgsql stable parallel safe as $$
begin
  return exists (select from request_events e where e.request_id = of_request and e.received_at >= since);
end
$$;
