-- Each demand has a queue of its own: only then does the broker hand an operation to none but the
-- workers that can hold it.

alter table operations drop column queue;
alter table operations add column queue text;
update operations set queue = type;
alter table operations alter column queue set not null;

comment on column operations.queue is 'Routing key of its messages: <type>, or <type>.gpu, <type>.cores8.mem32 and the like for one with a demand';

drop index operations_active;
create index operations_active on operations (status, queue)
  where status in ('pending', 'running', 'cancelling');
create index operations_demanding on operations (type, queue)
  where demand is not null and status = 'pending';
