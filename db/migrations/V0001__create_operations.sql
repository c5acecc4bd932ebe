-- The truth about every operation. Only the API writes operations and operation_events.
create table operations (
  id text constraint operations_pk primary key,
  type text not null constraint operations_type_known check (type in ('backtesting', 'training')),
  status text not null constraint operations_status_known
    check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  spec jsonb not null,
  metadata jsonb not null,
  warnings jsonb not null default '[]',
  max_attempts integer not null constraint operations_max_attempts_positive check (max_attempts > 0),
  -- The run whose events count; all three are null or zero until one has reported in.
  attempt integer not null default 0,
  run_id uuid,
  run_seq bigint not null default 0,
  -- Highest attempt whose end is in this row. A run that ended later has still to be projected.
  settled_attempt integer not null default 0,
  worker_id text,
  progress jsonb not null,
  progress_at timestamptz,
  result jsonb,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  queued_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  last_event_seq bigint not null default 0,
  constraint operations_completed_has_result check (status <> 'completed' or result is not null),
  constraint operations_failed_has_reason check (status <> 'failed' or error_message is not null),
  constraint operations_end_is_timed
    check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null))
);
create index operations_newest on operations (created_at desc, id desc);
create index operations_active on operations (status, type) where status in ('pending', 'running');

comment on table operations is 'One row per submitted operation; written by the API only';
comment on column operations.spec is 'Everything the operation depends on, frozen at submit';
comment on column operations.progress is 'Newest progress of the current run';

-- What happened to each operation, in order. Append only.
create table operation_events (
  operation_id text not null constraint operation_events_operation references operations (id),
  seq bigint not null,
  event_id uuid not null constraint operation_events_once unique,
  type text not null,
  attempt integer,
  run_id uuid,
  worker_id text,
  at timestamptz not null default now(),
  payload jsonb not null default '{}',
  constraint operation_events_pk primary key (operation_id, seq)
);

comment on table operation_events is 'History of every operation; append only, seq has no gaps within an operation';
