-- Claims: one row per execution of an operation by a worker. Workers write their own rows; the
-- rescuer in the API ends the runs of workers that fell silent.
create table runs (
  run_id uuid constraint runs_pk primary key,
  operation_id text not null constraint runs_operation references operations (id),
  attempt integer not null constraint runs_attempt_positive check (attempt > 0),
  worker_id text not null,
  worker_instance uuid not null,
  endpoint_url text not null,
  claimed_at timestamptz not null default now(),
  last_heartbeat_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text constraint runs_outcome_known
    check (outcome in ('completed', 'failed', 'cancelled', 'lost', 'released')),
  reason text,
  -- The run's last event. Kept with the outcome, so a worker that dies before it could publish
  -- the event loses nothing: whoever gets the message next publishes it.
  end_event jsonb,
  constraint runs_attempt_once unique (operation_id, attempt),
  constraint runs_end_has_outcome check ((ended_at is null) = (outcome is null))
);
-- The fence: an operation has at most one open run, whatever the broker delivers.
create unique index runs_one_open on runs (operation_id) where ended_at is null;

comment on table runs is 'Executions of operations; at most one open per operation';
comment on column runs.outcome is 'released = handed back unfinished without blame; lost = its worker fell silent';
