/** "hook" in ASCII: how we know a SQLite file as ours (https://www.sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x68_6f_6f_6b;

/** A text with a character that CSV must quote or JSON must escape. */
const ESCAPED = `'*[",\\' || char(1) || '-' || char(31) || ']*'`;
/** A text that a spreadsheet would run. */
const RUN = `'[=+@-]*'`;

/**
 * Every change of the tables, oldest first; a file's `user_version` counts those it has been through.
 * Never edit one that was released: append the next. A file of a higher version is refused by older programs, so what
 * they need not know (an index, a table beside theirs) is better added without raising it.
 *
 * An export reads `attempt` alone, so this table is narrow, repeats the few columns it needs from
 * `delivery`, and is stored in the order of the export (https://www.sqlite.org/withoutrowid.html).
 * Bodies and headers live beside it. `needs_care`, whether a text from outside must be escaped, is worked out once,
 * when the attempt is written.
 *
 * `purpose` belongs to the delivery but is kept with its attempts: an export filters by it, and in `delivery` it would
 * stand behind the body, so that SQLite had to follow every page of the body to read it. The index holds tests alone:
 * it costs nothing where there are none.
 */
export const MIGRATIONS: readonly string[] = [
  `create table delivery (
     id text primary key,
     webhook_uuid text not null,
     vendor text not null,
     event text not null,
     event_id text,
     direction text not null,
     url text not null,
     method text not null,
     created_at text not null,
     body blob not null
   );
   create table body_rest (
     delivery_id text not null references delivery (id),
     part integer not null,
     bytes blob not null,
     primary key (delivery_id, part)
   );
   create table attempt (
     webhook_uuid text not null,
     timestamp text not null,
     id text not null,
     delivery_id text not null,
     attempt integer not null,
     direction text not null,
     vendor text not null,
     event text not null,
     event_id text,
     url text not null,
     outcome text not null,
     status integer,
     error_code text,
     error text,
     duration_ms numeric not null,
     request_bytes integer not null,
     response_bytes integer not null,
     remote_address text,
     sequence integer not null,
     needs_care integer generated always as (
       ifnull(vendor glob ${ESCAPED} or vendor glob ${RUN}, 0)
       or ifnull(event glob ${ESCAPED} or event glob ${RUN}, 0)
       or ifnull(event_id glob ${ESCAPED} or event_id glob ${RUN}, 0)
       or ifnull(url glob ${ESCAPED} or url glob ${RUN}, 0)
       or ifnull(error_code glob ${ESCAPED} or error_code glob ${RUN}, 0)
       or ifnull(error glob ${ESCAPED} or error glob ${RUN}, 0)
       or ifnull(remote_address glob ${ESCAPED} or remote_address glob ${RUN}, 0)
     ) stored,
     primary key (webhook_uuid, timestamp, id)
   ) without rowid;
   create table exchange (
     sequence integer primary key,
     delivery_id text not null,
     attempt_id text not null,
     timestamp text not null,
     request_headers text not null,
     response_headers text not null,
     response_body blob not null,
     response_truncated integer not null,
     timings text not null,
     tls text,
     control text not null
   );
   create index exchange_by_delivery on exchange (delivery_id);`,
  `alter table attempt add column purpose text not null default 'event';
   create index test_by_delivery on attempt (webhook_uuid, delivery_id) where purpose = 'test';`,
];

/**
 * By the version of a file, what lets it be read as the newest without writing to it: a temporary view stands before
 * the table of its name. https://www.sqlite.org/lang_naming.html
 */
export const VIEWS_OF_OLDER: Readonly<Record<number, string>> = {
  1: `pragma temp_store = memory;
      create temp view attempt as select *, 'event' as purpose from main.attempt;`,
};
