-- Runs after every start of the API, so that rights keep up with the schema. Roles that
-- ops/postgres/roles.sql did not make are left out. One at a time: two API processes may start at
-- once, and Postgres refuses to have rights of one table changed by both.
do $$
begin
  perform pg_advisory_xact_lock(hashtext('ktrdr rights'));

  if exists (select from pg_roles where rolname = 'ktrdr_worker') then
    grant usage on schema public to ktrdr_worker;
    -- Read what it claims, lock it, and change nothing.
    grant select (id, type, status, spec, queue, demand, max_attempts, settled_attempt,
                  attempts_forgiven, restarted_after_attempt, next_attempt_at,
                  run_timeout_seconds, progress_timeout_seconds, cancel_reason),
          update (claim_lock)
      on operations to ktrdr_worker;
    grant select, delete,
          insert (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url),
          update (last_heartbeat_at, ended_at, outcome, reason, error_code, end_event,
                  checkpoint_sha256, checkpoint_at, traceparent)
      on runs to ktrdr_worker;
    if not exists (select from pg_policies
                   where tablename = 'runs' and policyname = 'worker_reads') then
      create policy worker_reads on runs for select to ktrdr_worker using (true);
      create policy worker_claims on runs for insert to ktrdr_worker
        with check (ended_at is null);
      create policy worker_writes_open on runs for update to ktrdr_worker
        using (ended_at is null) with check (true);
      create policy worker_withdraws on runs for delete to ktrdr_worker
        using (ended_at is null);
    end if;
    grant select, delete,
          insert (worker_id, worker_type, instance_id, endpoint_url, capabilities, version,
                  current_operation_id, subscribed, queues, progress_age_seconds, resident_bytes,
                  draining),
          update (worker_type, endpoint_url, capabilities, version, current_operation_id,
                  subscribed, queues, progress_age_seconds, resident_bytes, draining,
                  last_heartbeat_at)
      on workers to ktrdr_worker;
    grant select on dispatch_controls, worker_drains, lease_clock to ktrdr_worker;
  end if;

  if exists (select from pg_roles where rolname = 'ktrdr_readonly') then
    grant usage on schema public to ktrdr_readonly;
    grant select on v_operations, v_attempts, v_events, workers to ktrdr_readonly;
  end if;
end
$$;
