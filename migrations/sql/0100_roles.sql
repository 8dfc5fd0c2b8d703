-- Least privilege: the tracker works as one of four roles, none of which owns a table or may change one's structure.
--
-- - vividly_ingest: takes signals. No tokens, no records of who did what; deletes no request.
-- - vividly_read: reads all organizations. Neither writes nor sees tokens.
-- - vividly_tenant: reads one organization, named by the setting vividly.organization: the wall behind the API's own
--   filters. Without the setting it sees nobody's rows.
-- - vividly_admin: tokens, sessions, erasure, the record of reads.
--
-- Migrations, retention and figures stay the owner's. Whoever owns the tables, and so a tracker of the release before,
-- is not bound by the policies. Roles are the whole server's: where the owner may not make them, everything works as
-- before, the tracker says so at its start, and who may calls this function again after making them by hand.
create function set_up_roles() returns boolean
  language plpgsql as $$
declare
  name text;
begin
  foreach name in array array['vividly_ingest', 'vividly_read', 'vividly_tenant', 'vividly_admin'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception
        -- Another database of this server was migrated at the same moment.
        when duplicate_object or unique_violation then null;
        when insufficient_privilege then return false;
      end;
    end if;
    if not pg_has_role(current_user, name, 'member') then
      begin
        execute format('grant %I to current_user', name);
      exception
        when insufficient_privilege then return false;
      end;
    end if;
  end loop;

  grant select, insert, update, delete on all tables in schema public to vividly_admin;
  grant select, insert, update on all tables in schema public to vividly_ingest;
  grant select on all tables in schema public to vividly_read;
  revoke all on access_tokens, access_sessions, personal_reads, erasures from vividly_ingest, vividly_read;
  revoke insert, update on erased_requests, partition_policies, row_policies, pipeline_stage_definitions from vividly_ingest;
  grant select on
    content_requests, request_stages, request_events, request_spans, request_status_changes, students, request_metrics,
    request_quarters, ended_quarters, ended_quarter_changes, ended_by_quarter, pipeline_stage_definitions, stage_paces,
    partition_policies, row_policies, change_feed, change_feed_epoch, dead_letters
    to vividly_tenant;
  -- Of tables that later releases add; what a tenant may read of them their migration says.
  alter default privileges in schema public grant select, insert, update, delete on tables to vividly_admin;
  alter default privileges in schema public grant select, insert, update on tables to vividly_ingest;
  alter default privileges in schema public grant select on tables to vividly_read;

  foreach name in array array[
    'content_requests', 'students', 'request_metrics', 'request_quarters', 'ended_quarters', 'ended_quarter_changes',
    'request_stages', 'request_events', 'request_spans', 'request_status_changes'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('drop policy if exists all_organizations on %I', name);
    execute format('drop policy if exists one_organization on %I', name);
    -- A policy that is always true costs nothing: the planner drops it.
    execute format(
      'create policy all_organizations on %I to vividly_ingest, vividly_read, vividly_admin using (true) with check (true)', name
    );
    execute format(
      'create policy one_organization on %I for select to vividly_tenant using (%s)', name,
      case when exists (select from pg_attribute where attrelid = name::regclass and attname = 'organization_id')
        -- In a subquery it is evaluated once, not for each row.
        then 'organization_id = (select current_setting(''vividly.organization'', true))'
        -- The request's own policy applies in here.
        else 'exists (select from content_requests r where r.id = request_id)'
      end
    );
  end loop;
  return true;
end
$$;

-- Whoever reads a view reads its tables in their own right.
alter view active_requests_dashboard set (security_invoker = true);
alter view request_metrics_summary set (security_invoker = true);
alter view ended_by_quarter set (security_invoker = true);
alter view change_feed_epoch set (security_invoker = true);

-- Ingest has partitions made that it finds missing, and makes nothing else.
alter function ensure_partitions_of(uuid[]) security definer set search_path = public, pg_temp;

select set_up_roles();
