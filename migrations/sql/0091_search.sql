-- Free text search: substrings of three letters and more are found by their trigrams. Part of PostgreSQL (contrib) and
-- trusted: the database's owner may create it.
create extension if not exists pg_trgm;

-- What a request is searched by, but for its student's name, which has one place. One text, hence one index, and a row
-- that costs one insertion. The fields are apart by a line end, which no field's own line is searched across.
create function searched_text(topic text, student_id text, correlation_id text, error_message text) returns text
  language sql immutable parallel safe
  return coalesce(topic, '') || e'\n' || coalesce(student_id, '') || e'\n' || correlation_id || e'\n' || coalesce(error_message, '');

-- Only of those that have ended: a row is entered once, not again with each change on its way (52 µs an entry, measured
-- at 30,000 rows of 80 characters); what is in flight is little and read as it is.
create index content_requests_search on content_requests
  using gin (searched_text(topic, student_id, correlation_id, error_message) gin_trgm_ops)
  -- Entries wait in a list that every search reads, of at most so many kB.
  with (gin_pending_list_limit = 512)
  where outcome is not null;
create index students_full_name_search on students using gin (full_name gin_trgm_ops);

-- A tenant's own list, newest first, must not walk through the others'.
create index content_requests_of_organization on content_requests (organization_id, created_at desc, id desc)
  where organization_id is not null;

-- What failed, is at work or was cancelled is little among what went well: stages, errors and breakers are looked for there.
create index content_requests_not_completed on content_requests (created_at desc, id desc)
  where outcome is distinct from 'completed';

-- Hours of one organization, or (null) of all together, without reading the others'.
create index request_metrics_of_organization on request_metrics ((coalesce(organization_id, '')), hour);
create index request_quarters_of_organization on request_quarters ((coalesce(organization_id, '')), quarter);

-- Errors and breakers by name; where none is said there is no entry.
create index content_requests_error_type on content_requests ((error_details ->> 'error.type'))
  where error_details ->> 'error.type' is not null;
create index content_requests_exception_type on content_requests ((error_details ->> 'exception.type'))
  where error_details ->> 'exception.type' is not null;
create index content_requests_error_breaker on content_requests ((error_details ->> 'vividly.circuit_breaker.name'))
  where error_details ->> 'vividly.circuit_breaker.name' is not null;
create index content_requests_with_error on content_requests (created_at desc, id desc) where error_details is not null;
