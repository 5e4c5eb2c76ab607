/** What the pool does in the rows of all organisations at once: each process gets the lines and calls that are its. */
export const poolFunctions = `-- Opens and keeps the lines of all organisations: those that nobody has, and those that this device has. What was switched off or deleted
-- is let go. at: now, as this device has it; now: as all devices have it, for leases; opened: lines that are open here. Whatever a line said
-- of itself before it was opened here was said of another process.
create function hinoban_lease_call_lines(at bigint, now bigint, lease bigint, opened text[])
returns table (id text, organisation_id text, revision integer)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
begin
  update calls_line l set leased_by = null, leased_until = 0, state = 'off', state_at = at, problem = null, registered_until = null
    where l.leased_by = device and (not l.is_on or l.deleted_at is not null);
  update calls_line l set leased_by = device, leased_until = now + lease,
    state = case when w.is_new then 'connecting' else l.state end,
    state_at = case when w.is_new then at else l.state_at end
  from (
    select o.id, o.leased_by is distinct from device or (o.state = 'ready' and not o.id = any(opened)) as is_new from calls_line o
    where o.is_on and o.deleted_at is null and (o.leased_by = device or o.leased_until <= now)
    for update skip locked) w
  where l.id = w.id;
  -- A line whose row is being written at this moment stays ours: its lease holds until the next look.
  return query select l.id, l.organisation_id, l.revision from calls_line l
    where l.leased_by = device and l.leased_until > now and l.is_on and l.deleted_at is null;
end $$;

-- This device closes its lines: another one may open them at once.
create function hinoban_release_call_lines(at bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  released integer;
begin
  update calls_line l set leased_by = null, leased_until = 0, state = 'off', state_at = at, registered_until = null
    where l.leased_by = current_setting('hinoban.device');
  get diagnostics released = row_count;
  update calls_call c set leased_until = 0 where c.leased_by = current_setting('hinoban.device') and c.state <> 'over';
  return released;
end $$;

-- Takes on calls that are due, for those lines of this device that are open in the process that asks (opened), the best line first. A call
-- waits while its person or number is on the telephone, and for a better line that has room. Whoever gets a row dials it, by that claim.
create function hinoban_claim_calls(at bigint, now bigint, lease bigint, opened text[])
returns table (id text, organisation_id text, claims integer)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
  line record;
  waiting record;
  room integer;
begin
  for line in
    select l.id, l.organisation_id, l.priority, l.capacity from calls_line l
    where l.id = any(opened) and l.leased_by = device and l.leased_until > now
      and l.is_on and l.deleted_at is null and l.state = 'ready' and l.suspended_until <= at
      and exists (select from calls_call q where q.organisation_id = l.organisation_id and q.state = 'queued' and q.due_at <= at)
    order by l.organisation_id, l.priority, l.id
  loop
    select line.capacity - count(*) into room from calls_call c
      where c.line_id = line.id and c.state in ('claimed', 'dialing', 'ringing', 'talking');
    for waiting in
      select q.id, q.person_id, q.number from calls_call q
      where q.organisation_id = line.organisation_id and q.state = 'queued' and q.due_at <= at and q.unwanted is null
        and coalesce(q.wanted_line_id, line.id) = line.id and not (q.tried_lines::jsonb ? line.id)
        and not exists (
          select from calls_call o where o.state in ('claimed', 'dialing', 'ringing', 'talking')
            and (o.number = q.number or (q.person_id is not null and o.person_id = q.person_id)))
        and not exists (
          select from calls_line b where b.organisation_id = line.organisation_id and b.id <> line.id and b.priority < line.priority
            and coalesce(q.wanted_line_id, b.id) = b.id and not (q.tried_lines::jsonb ? b.id)
            and b.is_on and b.deleted_at is null and b.state = 'ready' and b.suspended_until <= at and b.leased_until > now
            and (b.leased_by <> device or b.id = any(opened))
            and b.capacity > (select count(*) from calls_call c where c.line_id = b.id and c.state in ('claimed', 'dialing', 'ringing', 'talking')))
      order by q.rank, q.asked_at, q.seq
      for update skip locked
    loop
      exit when room <= 0;
      begin
        update calls_call c set state = 'claimed', line_id = line.id, leased_by = device, leased_until = now + lease, claims = c.claims + 1
          where c.id = waiting.id returning c.claims into claims;
        room := room - 1;
        id := waiting.id;
        organisation_id := line.organisation_id;
        return next;
      exception when unique_violation then
        null; -- this person, or this number, is being called by somebody else at this very moment
      end;
    end loop;
  end loop;
end $$;

-- Keeps calls that are on here. Says which of them are still ours, and whether anybody still needs them. A row that is being written at this
-- moment is kept by the next look.
create function hinoban_renew_calls(now bigint, lease bigint, ids text[])
returns table (id text, organisation_id text, state text, unwanted text)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
begin
  update calls_call c set leased_until = now + lease where c.id in (
    select o.id from calls_call o
    where o.id = any(ids) and o.state in ('claimed', 'dialing', 'ringing', 'talking') and o.leased_by = device
    for update skip locked);
  return query select c.id, c.organisation_id, c.state, c.unwanted from calls_call c
    where c.id = any(ids) and c.state in ('claimed', 'dialing', 'ringing', 'talking') and c.leased_by = device;
end $$;

-- Calls whose process ended: of lines that are open here, or that nobody can open any more. mine: those that this process knows.
create function hinoban_lost_calls(at bigint, now bigint, lease bigint, mine text[])
returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update calls_call c set leased_by = current_setting('hinoban.device'), leased_until = now + lease
  where c.id in (
    select o.id from calls_call o left join calls_line l on l.id = o.line_id
    where (o.state in ('claimed', 'dialing', 'ringing', 'talking') or (o.state = 'over' and o.pending is not null))
      and not o.id = any(mine)
      and (o.leased_until <= now or o.leased_by = current_setting('hinoban.device'))
      and coalesce(o.recover_at, 0) <= at
      and (l.id is null or not l.is_on or l.deleted_at is not null or l.leased_by = current_setting('hinoban.device') or l.leased_until <= now)
    for update of o skip locked)
  returning c.id, c.organisation_id
$$;

-- Calls that tell something of which somebody else took care meanwhile: their notification was taken back, or came too late for that.
create function hinoban_unwanted_calls() returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct c.id, c.organisation_id
  from calls_call c join calls_topic t on t.call_id = c.id join notify_delivery d on d.id = t.delivery_id
    left join incidents_incident i on i.id = t.incident_id
  where c.state <> 'over' and t.state = 'open' and (d.state = 'cancelled' or i.state is distinct from 'open')
$$;

-- Organisations in which calls wait, or in which somebody is still to be told what became of one, or that a line fails.
create function hinoban_waiting_calls(at bigint) returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select q.organisation_id from calls_call q where q.state = 'queued' and q.due_at <= at
  union
  select t.organisation_id from calls_topic t where t.settlement is not null
  union
  select l.organisation_id from calls_line l
    where (l.is_told and (l.failing_since is null or not l.is_on or l.deleted_at is not null))
      or (not l.is_told and l.is_on and l.deleted_at is null and l.failing_since is not null
        and (l.failures >= 2 or l.failing_since <= at - 30000))
$$;

-- When the next call falls due after that moment, one whose fate is unknown is asked for again, or a notification that is just being handed
-- on can be told what became of it. Null: nothing waits.
create function hinoban_next_call(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(q.due_at) from calls_call q where q.state = 'queued' and q.due_at > at),
    (select min(c.recover_at) from calls_call c where c.state in ('claimed', 'dialing', 'ringing', 'talking') and c.recover_at > at),
    (select min(l.suspended_until) from calls_line l where l.is_on and l.suspended_until > at),
    (select at + 1000 where exists (
      select from calls_topic t join notify_delivery d on d.id = t.delivery_id where t.settlement is not null and d.state = 'claimed')))
$$;

-- Forgets calls that ended before that moment. Says how many went.
create function hinoban_purge_calls(before bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from calls_call where ended_at < before;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function hinoban_lease_call_lines, hinoban_release_call_lines, hinoban_claim_calls, hinoban_renew_calls, hinoban_lost_calls, hinoban_unwanted_calls,
  hinoban_waiting_calls, hinoban_next_call, hinoban_purge_calls from public;
grant execute on function hinoban_lease_call_lines, hinoban_release_call_lines, hinoban_claim_calls, hinoban_renew_calls, hinoban_lost_calls, hinoban_unwanted_calls,
  hinoban_waiting_calls, hinoban_next_call, hinoban_purge_calls to hinoban_app;
`;
