-- The trace that a refused record names, as far as it could be read: as a signal or as it stood on the wire. Cut, for
-- what a stranger sends may be longer than an index holds.
create function trace_of_dead_letter(payload jsonb) returns text
  language sql immutable parallel safe
  return left(coalesce(payload ->> 'trace_id', payload ->> 'traceId'), 32);

create index on dead_letters (trace_of_dead_letter(payload));
