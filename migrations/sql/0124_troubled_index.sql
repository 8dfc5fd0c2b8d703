-- Those in flight that failed somewhere are few among many: a list of what is tried again must not walk through the others.
create index content_requests_troubled on content_requests (created_at desc, id desc)
  where outcome is null and (retry_count > 0 or error_stage is not null);
