-- Cancel, retries with backoff, timeouts, checkpoints, idempotency keys; and a clock for leases
-- that stands still while the database is away.

alter table operations drop constraint operations_status_known;
alter table operations add constraint operations_status_known
  check (status in ('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled'));
alter table operations
  add column pending_since timestamptz not null default now(),
  add column next_attempt_at timestamptz,
  add column cancel_requested_at timestamptz,
  add column cancel_reason text,
  add column attempts_forgiven integer not null default 0,
  add column restarted_after_attempt integer not null default 0,
  add column queue_timeout_seconds integer
    constraint operations_queue_timeout_positive check (queue_timeout_seconds > 0),
  add column run_timeout_seconds integer
    constraint operations_run_timeout_positive check (run_timeout_seconds > 0),
  add column progress_timeout_seconds integer
    constraint operations_progress_timeout_positive check (progress_timeout_seconds > 0);
drop index operations_active;
create index operations_active on operations (status, type)
  where status in ('pending', 'running', 'cancelling');

comment on column operations.pending_since is 'When it began to wait for a worker, this time; the queue timeout counts from here';
comment on column operations.next_attempt_at is 'Not before this: the wait between two attempts';
comment on column operations.attempts_forgiven is 'Attempts up to this number do not count against max_attempts: set by a retry by hand';
comment on column operations.restarted_after_attempt is 'Checkpoints of attempts up to this number are not used: a retry by hand starts anew, a resume does not';
comment on column operations.queue_timeout_seconds is 'null = none, as for the other timeouts';

alter table runs
  add column error_code text,
  add column checkpoint_sha256 text
    constraint runs_checkpoint_artifact references artifacts (sha256),
  add column checkpoint_at timestamptz;

alter table outbox
  add column available_at timestamptz not null default now(),
  add column headers jsonb not null default '{}';
drop index outbox_waiting;
create index outbox_waiting on outbox (available_at, id) where published_at is null;
create index outbox_by_operation on outbox (operation_id);

comment on column outbox.available_at is 'Not published before this';

-- One row, pulsed by the API every few seconds. A gap in the pulses means that nobody could write:
-- silence is then counted from the end of the gap, so a lease never runs out while the database is
-- away.
create table lease_clock (
  only_row boolean constraint lease_clock_pk primary key default true
    constraint lease_clock_one_row check (only_row),
  running_since timestamptz not null default clock_timestamp(),
  last_pulse_at timestamptz not null default clock_timestamp()
);
insert into lease_clock default values;

create function lease_silence(last_heartbeat_at timestamptz) returns interval
  language sql stable
  return clock_timestamp()
    - greatest(last_heartbeat_at, (select running_since from lease_clock));

comment on function lease_silence is 'How long a heartbeat has been missing, not counting time in which the database was away';

-- A key and what it was used for: the same request again gets the same answer.
create table idempotency_keys (
  key text not null,
  route text not null,
  fingerprint text not null,
  operation_id text not null
    constraint idempotency_keys_operation references operations (id),
  answer json not null,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pk primary key (key, route)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- What operators did by hand that is not part of one operation's history.
create table audit (
  id bigint generated always as identity constraint audit_pk primary key,
  at timestamptz not null default now(),
  action text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
