-- When a version of a service was first heard of: a deploy, as seen from here. Written beside ingest, never by it: see
-- tracker-api/src/store/createDeploymentNotes.ts.
create table deployments (
  -- Of the sender's token; null: it may write for all, or there are no tokens.
  organization_id text,
  service text not null,
  version text not null,
  first_seen_at timestamptz not null default now(),
  -- To an hour: one row is written an hour, not one a batch.
  last_seen_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, service, version)
);

create index on deployments (first_seen_at desc);

insert into row_policies (table_name, time_column, keep) values ('deployments', 'last_seen_at', '13 months');

-- Whatever the order in which replicas write: the earliest and the latest stay.
create function record_deployments(organizations text[], services text[], versions text[], seen_at timestamptz[]) returns void
  language sql
begin atomic
  insert into deployments as d (organization_id, service, version, first_seen_at, last_seen_at)
  select organization, service, version, min(at), max(at)
  from unnest(organizations, services, versions, seen_at) as said(organization, service, version, at)
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (organization_id, service, version) do update
    set first_seen_at = least(d.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at);
end;

alter function set_up_roles() rename to set_up_roles_before_deployments;

create function set_up_roles() returns boolean
  language plpgsql as $$
begin
  if not set_up_roles_before_deployments() then
    return false;
  end if;
  grant select on deployments to vividly_tenant;
  alter table deployments enable row level security;
  drop policy if exists all_organizations on deployments;
  drop policy if exists one_organization on deployments;
  create policy all_organizations on deployments to vividly_ingest, vividly_read, vividly_admin using (true) with check (true);
  create policy one_organization on deployments for select to vividly_tenant
    using (organization_id = (select current_setting('vividly.organization', true)));
  return true;
end
$$;

select set_up_roles();
