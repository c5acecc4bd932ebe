-- Roles for KTRDR, made by a superuser in KTRDR's own database, as often as you like:
--
--   psql -v ON_ERROR_STOP=1 -d ktrdr -f ops/postgres/roles.sql
--   psql -d ktrdr -c '\password ktrdr_api' -c '\password ktrdr_worker' -c '\password ktrdr_readonly'
--
-- Without a password nobody can log in as them. Then start, or restart, the API as ktrdr_api: it
-- makes the tables and, after each start, grants the other two what this version needs.

do $$
declare
  item record;
begin
  -- Owns database and tables, and so migrates.
  if not exists (select from pg_roles where rolname = 'ktrdr_api') then
    create role ktrdr_api login;
  end if;
  -- Claims operations, writes runs and its row in the registry; changes no operation.
  if not exists (select from pg_roles where rolname = 'ktrdr_worker') then
    create role ktrdr_worker login;
  end if;
  -- Reads the views v_operations, v_attempts and v_events, and the registry.
  if not exists (select from pg_roles where rolname = 'ktrdr_readonly') then
    create role ktrdr_readonly login;
  end if;
  alter role ktrdr_readonly set default_transaction_read_only = on;
  alter role ktrdr_readonly set statement_timeout = '30s';

  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to ktrdr_worker, ktrdr_readonly', current_database());
  revoke create on schema public from public;

  -- A database another role has used until now, with all that is in it.
  execute format('alter database %I owner to ktrdr_api', current_database());
  if (select nspowner <> 'ktrdr_api'::regrole from pg_namespace where nspname = 'public') then
    alter schema public owner to ktrdr_api;
  end if;
  for item in
    select c.relkind, c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
      and c.relowner <> 'ktrdr_api'::regrole
  loop
    execute format('alter %s public.%I owner to ktrdr_api',
                   case item.relkind when 'r' then 'table' else 'view' end, item.relname);
  end loop;
  for item in
    select p.oid::regprocedure as signature from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proowner <> 'ktrdr_api'::regrole
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('alter function %s owner to ktrdr_api', item.signature);
  end loop;
end
$$;
