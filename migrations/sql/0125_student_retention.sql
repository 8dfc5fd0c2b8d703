-- A student's name stays for as long as anything it belongs to: at most max_rows students of whom no request is kept and
-- whose name was said last before the requests' kept time began.
create function delete_expired_students(moment timestamptz, max_rows integer default 5000) returns integer
  language plpgsql as $$
declare
  since timestamptz := (select kept_since(p, moment) from partition_policies p where p.table_name = 'content_requests');
  deleted integer;
begin
  delete from students where ctid = any (array(
    select t.ctid from students t
    where t.named_at < since
      and not exists (
        select from content_requests r
        where r.student_id = t.student_id and coalesce(r.organization_id, '') = t.organization_id
        offset 0
      )
    limit max_rows for update skip locked
  ));
  get diagnostics deleted = row_count;
  return deleted;
end
$$;
