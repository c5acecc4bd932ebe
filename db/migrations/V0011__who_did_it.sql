-- Who did it: the name of the token, or 'anonymous' where the API asks for none.

alter table operations add column submitted_by text not null default 'anonymous';
alter table audit add column actor text not null default 'anonymous';

comment on column operations.submitted_by is 'Name of the token it was submitted with';
comment on column audit.actor is 'Name of the token it was done with';
