/*
 * The questions, for PostgreSQL 15 and later. bigint and numeric would arrive as text, so everything is float8. Each reads views that the role
 * pg_monitor may read; without it they show other roles' sessions without their state.
 */

/** Whether this is a standby, how many connections there may be, and whether the role may see everything. */
export const serverQuestion = `
select pg_is_in_recovery() as standby,
  pg_has_role(current_user, 'pg_monitor', 'usage') as monitor,
  current_setting('max_connections')::float8 as max_connections,
  (select max(age(datfrozenxid))::float8 from pg_database where datallowconn) as oldest_xid,
  extract(epoch from now() - pg_postmaster_start_time())::float8 as uptime`;

/** Counters since the statistics were reset, over all databases. */
export const databaseQuestion = `
select sum(xact_commit)::float8 as xact_commit, sum(xact_rollback)::float8 as xact_rollback,
  sum(blks_read)::float8 as blks_read, sum(blks_hit)::float8 as blks_hit,
  sum(blk_read_time)::float8 as blk_read_time, sum(blk_write_time)::float8 as blk_write_time,
  sum(tup_returned)::float8 as tup_returned, sum(tup_fetched)::float8 as tup_fetched, sum(tup_inserted)::float8 as tup_inserted,
  sum(tup_updated)::float8 as tup_updated, sum(tup_deleted)::float8 as tup_deleted,
  sum(deadlocks)::float8 as deadlocks, sum(temp_bytes)::float8 as temp_bytes, sum(conflicts)::float8 as conflicts
from pg_stat_database`;

/**
 * Client sessions by state, and what runs long. A walsender's query lasts as long as its standby, so only clients count.
 * @param slow seconds after which a query counts as slow
 */
export const activityQuestion = (slow: number): string => `
select count(*) filter (where state = 'active' and wait_event is null)::float8 as active,
  count(*) filter (where state = 'active' and wait_event is not null)::float8 as active_waiting,
  count(*) filter (where state = 'idle')::float8 as idle,
  count(*) filter (where state = 'idle in transaction')::float8 as idle_in_transaction,
  count(*) filter (where state = 'idle in transaction (aborted)')::float8 as idle_in_transaction_aborted,
  count(*) filter (where state = 'fastpath function call')::float8 as fastpath_function_call,
  count(*) filter (where state = 'disabled')::float8 as disabled,
  count(*)::float8 as sessions,
  count(*) filter (where wait_event_type = 'Lock')::float8 as lock_waits,
  count(*) filter (where state = 'active' and now() - query_start > make_interval(secs => ${slow}))::float8 as slow_queries,
  coalesce(extract(epoch from max(clock_timestamp() - query_start) filter (where state = 'active')), 0)::float8 as longest_query,
  coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8 as longest_transaction
from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;

export const lockQuestion = `
select count(*) filter (where granted)::float8 as locks_granted, count(*) filter (where not granted)::float8 as locks_waiting
from pg_locks where pid <> pg_backend_pid()`;

/** Databases by size, the largest first. */
export const sizeQuestion = `
select datname as name, pg_database_size(oid)::float8 as size from pg_database
where datallowconn and (pg_has_role(current_user, 'pg_read_all_stats', 'usage') or has_database_privilege(oid, 'connect')) order by 2 desc`;

/** A primary's log, its standbys, and the log that slots hold back. */
export const primaryQuestion = `
select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as xlog_location_bytes,
  (select count(*)::float8 from pg_stat_replication where state = 'streaming') as standbys,
  (select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::float8 from pg_stat_replication) as standby_behind,
  (select coalesce(max(extract(epoch from replay_lag)), 0)::float8 from pg_stat_replication) as standby_lag,
  (select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0)::float8 from pg_replication_slots) as slot_retained`;

/** A standby that has replayed all it received is not late, however long nothing was written. */
export const standbyQuestion = `
select case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else coalesce(extract(epoch from now() - pg_last_xact_replay_timestamp()), 0) end::float8 as standby_lag,
  coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::float8 as standby_behind,
  (select count(*)::float8 from pg_stat_wal_receiver where status = 'streaming') as receivers`;
