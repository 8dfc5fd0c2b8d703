-- What one organization may read of the tables that windows are read from: its own rows.
alter function set_up_roles() rename to set_up_roles_before_periods;

create function set_up_roles() returns boolean
  language plpgsql as $$
declare
  name text;
begin
  if not set_up_roles_before_periods() then
    return false;
  end if;
  grant select on request_periods, request_loads, slow_stages to vividly_tenant;
  foreach name in array array['request_periods', 'request_loads', 'slow_stages'] loop
    execute format('alter table %I enable row level security', name);
    execute format('drop policy if exists all_organizations on %I', name);
    execute format('drop policy if exists one_organization on %I', name);
    execute format(
      'create policy all_organizations on %I to vividly_ingest, vividly_read, vividly_admin using (true) with check (true)', name
    );
    execute format(
      'create policy one_organization on %I for select to vividly_tenant
        using (organization_id = (select current_setting(''vividly.organization'', true)))', name
    );
  end loop;
  return true;
end
$$;

select set_up_roles();
