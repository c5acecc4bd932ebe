-- A replaced checkpoint is no longer needed; a result with the same bytes is. So an artifact says whether
-- it was ever stored for anything but a checkpoint. What there was before is kept: it cannot be told.
alter table artifacts add column checkpoint_stored_at timestamptz;
create index artifacts_checkpoints on artifacts (checkpoint_stored_at)
  where checkpoint_stored_at is not null;

comment on column artifacts.checkpoint_stored_at is 'Set while the bytes were stored as a checkpoint only: when, the last time. Removed once no run has them; null = kept for good';
comment on column runs.checkpoint_sha256 is 'Newest checkpoint; null also when no attempt can need it any more';

-- Who removes an artifact has to ask each of these.
create index runs_checkpoint on runs (checkpoint_sha256) where checkpoint_sha256 is not null;
create index operation_artifacts_artifact on operation_artifacts (sha256);
create index models_artifact on models (sha256);
