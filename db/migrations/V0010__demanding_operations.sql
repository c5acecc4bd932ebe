-- Every heartbeat asks for the queues of waiting operations that demand something.
create index operations_demanding on operations (type, queue)
  where status = 'pending' and demand is not null;
