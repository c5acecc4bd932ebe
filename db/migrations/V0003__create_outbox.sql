-- Messages that were committed together with the change that caused them and wait for the broker.
create table outbox (
  id bigint generated always as identity constraint outbox_pk primary key,
  operation_id text not null constraint outbox_operation references operations (id),
  exchange text not null,
  routing_key text not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz,
  tries integer not null default 0,
  last_error text
);
create index outbox_waiting on outbox (id) where published_at is null;

comment on table outbox is 'published_at is set only after the broker confirmed the message';
