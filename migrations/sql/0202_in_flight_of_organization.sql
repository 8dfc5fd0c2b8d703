-- Those in flight of an organization, newest first: a list of some of them walked through all that are in flight. None of the
-- columns changes while a request is under way, so its changes touch this index no more than the one it replaces.
create index content_requests_in_flight_newest on content_requests (organization_id, created_at desc, id desc)
  where outcome is null;
drop index content_requests_in_flight_of_organization;
