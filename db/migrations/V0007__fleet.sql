-- The fleet: what an operation asks of a worker, what a worker says of itself, and what operators
-- tell both. Types are open: new kinds of jobs bring their own.

alter table operations drop constraint operations_type_known;
alter table operations add constraint operations_type_form
  check (type ~ '^[a-z][a-z0-9_]{0,39}$');

alter table operations add column demand jsonb;
alter table operations
  add column queue text not null generated always as (
    case
      when demand is null then type
      when coalesce((demand ->> 'requires_gpu')::boolean, false) then type || '.gpu'
      else type || '.demanding'
    end) stored;

comment on column operations.demand is 'What a worker must have: requires_gpu, min_cores, min_memory_gb; null = nothing special';
comment on column operations.queue is 'Routing key of its messages';

alter table workers
  add column queues jsonb not null default '[]',
  add column progress_age_seconds double precision,
  add column resident_bytes bigint,
  add column draining boolean not null default false;

comment on column workers.queues is 'Queues it is subscribed to right now';
comment on column workers.progress_age_seconds is 'Since its run last advanced, at its last heartbeat; null = idle';
comment on column workers.draining is 'It has been told to go and takes nothing more';

-- Written by the API only; workers obey.
create table dispatch_controls (
  scope text constraint dispatch_controls_pk primary key,
  accepting boolean not null default true,
  dispatching boolean not null default true,
  reason text,
  changed_at timestamptz not null default now()
);

comment on table dispatch_controls is 'scope is an operation type, or * for all. Not accepting: submits answer 503. Not dispatching: no worker begins what waits';

create table worker_drains (
  worker_id text not null,
  instance_id uuid not null,
  requested_at timestamptz not null default now(),
  constraint worker_drains_pk primary key (worker_id, instance_id)
);

comment on table worker_drains is 'Processes told to finish what they do and leave; a successor with the same id is not meant';
