-- Who may do what with a history in PostgreSQL. Run it by psql in the database of the history, as its owner with the
-- right to create roles, once the tables are there, and again after an update that changed them:
--
--   psql -d hooks -v ON_ERROR_STOP=1 -f postgres-roles.sql
--   grant hookproof_writer to ci;
--
-- The roles cannot log in: grant them to the users that do. Who made the tables owns them and brings them up to date.

begin;

do $$
declare
  name text;
begin
  foreach name in array array[
    'hookproof_reader', 'hookproof_writer', 'hookproof_worker', 'hookproof_keeper'
  ] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
    end if;
  end loop;
end $$;

revoke all on schema hookproof from public;
revoke all on all tables in schema hookproof
  from public, hookproof_reader, hookproof_writer, hookproof_worker, hookproof_keeper;
grant usage on schema hookproof to hookproof_reader, hookproof_writer, hookproof_worker, hookproof_keeper;
grant select on hookproof.migration to hookproof_reader, hookproof_writer, hookproof_worker, hookproof_keeper;

-- Reads: history list, show and stats, export, report; and replay, verify --delivery and send --like in part. Of the
-- queue it sees what waits (history list --pending, queue stats), without bodies.
grant select on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_reader;
grant select on hookproof.under_way, hookproof.held_webhook to hookproof_reader;
grant select (webhook_uuid, delivery_id, due_at, number, vendor, event, event_id, url, created_at)
  on hookproof.queued to hookproof_reader;

-- Records: send, load, listen, test --record. It sees no content: the keys tell whether a delivery is there already.
grant insert on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_writer;
grant select (webhook_uuid, id) on hookproof.delivery to hookproof_writer;

-- Queues, works, cancels and enables: send --enqueue, worker, queue. It records as the writer does. The schema
-- hookproof_jobs is made with the first event that is queued: run this file again then.
grant insert on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_worker;
grant select (webhook_uuid, id) on hookproof.delivery to hookproof_worker;
grant select, insert, update, delete on hookproof.queued, hookproof.under_way, hookproof.held_webhook
  to hookproof_worker;
do $$
begin
  if exists (select from pg_namespace where nspname = 'hookproof_jobs') then
    grant usage on schema hookproof_jobs to hookproof_worker;
    grant select, insert, update, delete on all tables in schema hookproof_jobs to hookproof_worker;
  end if;
end $$;

-- Prunes. It sees keys and times, and the URLs by which prune names webhooks; the update is for the lock on the rows
-- that will go, and changes nothing.
grant delete on hookproof.delivery, hookproof.attempt, hookproof.exchange to hookproof_keeper;
grant select (webhook_uuid, id, created_at), update (id) on hookproof.delivery to hookproof_keeper;
grant select (webhook_uuid, started_at, id, url) on hookproof.attempt to hookproof_keeper;
grant select (webhook_uuid, delivery_id, started_at, attempt_id) on hookproof.exchange to hookproof_keeper;

commit;
