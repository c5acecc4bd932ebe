-- What a worker's role needs to do its work with, and a reader's to read; afterMigrate.sql grants it.

-- A claim locks its operation's row, which Postgres lets nobody do who may not write some column.
-- This one is there to be granted, and nobody can write anything into it.
alter table operations
  add column claim_lock boolean constraint operations_claim_lock_unused check (claim_lock is null);

comment on column operations.claim_lock is 'Always null. Workers may write this column only, which lets them lock a row and change nothing';

create view v_operations as
  select id, type, status, queue, attempt, max_attempts, worker_id,
         (progress ->> 'percentage')::double precision as percent,
         progress ->> 'current_step' as step,
         result, error_code, error_message, cancel_reason, demand, metadata,
         created_at, queued_at, started_at, completed_at, next_attempt_at,
         extract(epoch from started_at - created_at) as waited_seconds,
         extract(epoch from completed_at - started_at) as ran_seconds
  from operations;

comment on view v_operations is 'Operations as they stand, for reports; waited_seconds: submit to start of the last attempt; ran_seconds: from there to the end';

create view v_attempts as
  select operation_id, attempt, worker_id, outcome, error_code, reason,
         claimed_at, last_heartbeat_at, ended_at,
         extract(epoch from coalesce(ended_at, last_heartbeat_at) - claimed_at) as seconds
  from runs;

comment on view v_attempts is 'Every attempt of every operation; outcome is null while it runs';

create view v_events as
  select operation_id, seq, type, attempt, worker_id, at, payload
  from operation_events;

comment on view v_events is 'What happened to each operation, in order';

-- A run that has ended is history: only the owner of the tables may touch it. The policies that let
-- workers at the others are in afterMigrate.sql; the owner needs none.
alter table runs enable row level security;
