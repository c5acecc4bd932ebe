-- The registry: one row per worker process, written by that process.
create table workers (
  worker_id text constraint workers_pk primary key,
  worker_type text not null,
  instance_id uuid not null,
  endpoint_url text not null,
  capabilities jsonb not null,
  version text not null,
  current_operation_id text,
  subscribed boolean not null default false,
  registered_at timestamptz not null default now(),
  last_heartbeat_at timestamptz not null default now()
);

comment on table workers is 'Live workers; a graceful stop deletes the row, a crash leaves it to age';
