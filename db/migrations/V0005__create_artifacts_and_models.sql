-- Bytes under their own digest: datasets frozen at submit, models, trades, equity curves.
create table artifacts (
  sha256 text constraint artifacts_pk primary key
    constraint artifacts_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bytea not null,
  size bigint not null,
  created_at timestamptz not null default now()
);
-- Numbers and text compress badly or are small; skipping compression keeps reads cheap.
alter table artifacts alter column bytes set storage external;

create table operation_artifacts (
  operation_id text not null constraint operation_artifacts_operation references operations (id),
  name text not null,
  sha256 text not null constraint operation_artifacts_artifact references artifacts (sha256),
  size bigint not null,
  constraint operation_artifacts_pk primary key (operation_id, name)
);

create table models (
  strategy_name text not null,
  timeframe text not null,
  version integer not null constraint models_version_positive check (version > 0),
  sha256 text not null constraint models_artifact references artifacts (sha256),
  symbols jsonb not null,
  operation_id text constraint models_operation references operations (id),
  created_at timestamptz not null default now(),
  constraint models_pk primary key (strategy_name, timeframe, version)
);

comment on table models is 'Model versions <strategy>/<timeframe>_v<version>; operation_id is null for imported ones';
