-- An address proves a death only if the process was once seen alive there: behind a bridge or NAT,
-- nobody or somebody else answers from the start.

alter table workers add column endpoint_verified boolean not null default false;

comment on column workers.endpoint_verified is 'The API reached this very process at endpoint_url when it registered';
