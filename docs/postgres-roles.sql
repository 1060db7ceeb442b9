-- Who may do what with a history in PostgreSQL. Run it by psql in the database of the history, as its owner with the
-- right to create roles, once the tables are there, and again after an update that changed them:
--
--   psql -d hooks -v ON_ERROR_STOP=1 -f postgres-roles.sql
--   grant hookproof_writer to ci;
--
-- The roles cannot log in: grant them to the users that do. Who made the tables owns them and brings them up to date.
-- For a queue (send --enqueue, worker) the owner runs `webhook worker --once` before this file: it makes the tables of
-- the schema hookproof_jobs.

begin;

do $$
declare
  name text;
begin
  foreach name in array array['hookproof_reader', 'hookproof_writer', 'hookproof_keeper', 'hookproof_worker'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
    end if;
  end loop;
end $$;

revoke all on schema hookproof from public;
revoke all on all tables in schema hookproof
  from public, hookproof_reader, hookproof_writer, hookproof_keeper, hookproof_worker;
grant usage on schema hookproof to hookproof_reader, hookproof_writer, hookproof_keeper, hookproof_worker;
grant select on hookproof.migration to hookproof_reader, hookproof_writer, hookproof_keeper, hookproof_worker;

-- Reads: history list, show and stats, export, report; and replay, verify --delivery and send --like in part.
grant select on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_reader;
-- queue stats and history list --pending.
grant select on hookproof.queued, hookproof.held_webhook to hookproof_reader;

-- Records: send, load, listen, test --record. It sees no content: the keys tell whether a delivery is there already.
grant insert on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_writer;
grant select (webhook_uuid, id) on hookproof.delivery to hookproof_writer;
-- send --enqueue and load --enqueue. Of what waits it sees how much there is for which webhook, and whether that is held.
grant insert on hookproof.queued to hookproof_writer;
grant select (webhook_uuid, delivery_id, url, due_at) on hookproof.queued to hookproof_writer;
grant select on hookproof.held_webhook to hookproof_writer;

-- Prunes. It sees keys and times, and the URLs by which prune names webhooks; the update is for the lock on the rows
-- that will go, and changes nothing.
grant delete on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_keeper;
grant select (webhook_uuid, id, created_at), update (id) on hookproof.delivery to hookproof_keeper;
grant select (webhook_uuid, started_at, id, url) on hookproof.attempt to hookproof_keeper;
grant select (webhook_uuid, delivery_id, started_at, attempt_id) on hookproof.exchange to hookproof_keeper;

-- Sends what waits and records it: worker; queue cancel, queue retry and enable. It sees no content of the history, and
-- puts nothing into the queue.
grant select, update, delete on hookproof.queued to hookproof_worker;
grant select, insert, delete on hookproof.under_way, hookproof.held_webhook to hookproof_worker;
grant insert on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_worker;
grant select (webhook_uuid, id) on hookproof.delivery to hookproof_worker;
grant select (webhook_uuid, started_at, id) on hookproof.attempt to hookproof_worker;

-- What wakes the workers: tables of pg-boss.
do $$
begin
  if to_regnamespace('hookproof_jobs') is null then
    raise notice 'there is no queue: run webhook worker --once as the owner, and this file again';
    return;
  end if;
  revoke all on schema hookproof_jobs from public;
  revoke all on all tables in schema hookproof_jobs
    from public, hookproof_reader, hookproof_writer, hookproof_keeper, hookproof_worker;
  grant usage on schema hookproof_jobs to hookproof_writer, hookproof_worker;
  grant select on hookproof_jobs.version, hookproof_jobs.queue to hookproof_writer, hookproof_worker;
  grant insert on hookproof_jobs.job to hookproof_writer;
  grant select, insert, update, delete on hookproof_jobs.job to hookproof_worker;
  -- It looks for leases that are over, and notes when.
  grant update (maintained_on) on hookproof_jobs.version to hookproof_worker;
  grant select, insert, delete on hookproof_jobs.archive to hookproof_worker;
end $$;

commit;
