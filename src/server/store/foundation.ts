import type { Migration } from "./migration.ts";

/**
 * What every feature's tables stand on. The application role owns nothing and cannot bypass row-level security;
 * which organisation a transaction works for is a setting that `Db.tx` makes at its start and that ends with it.
 */
export const foundation: Migration = {
  id: "foundation-001",
  sql: `
do $$ begin
  if not exists (select from pg_roles where rolname = 'hinoban_app') then
    create role hinoban_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
grant usage on schema public to hinoban_app;

create function hinoban_organisation() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('hinoban.organisation_id', true), '') $$;
create function hinoban_person() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('hinoban.person_id', true), '') $$;

-- Puts a table behind row-level security: rows of the transaction's organisation and no others.
create procedure hinoban_secure(target regclass, granted text default 'select, insert, update, delete') language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('create policy organisation_rows on %s using (organisation_id = hinoban_organisation()) with check (organisation_id = hinoban_organisation())', target);
  execute format('grant %s on %s to hinoban_app', granted, target);
end $$;

create function hinoban_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

-- A row once written stays as it is: refused for everybody, the owner included.
create procedure hinoban_append_only(target regclass) language plpgsql as $$
begin
  execute format('create trigger append_only_rows before update or delete on %s for each row execute function hinoban_refuse_change()', target);
  execute format('create trigger append_only_table before truncate on %s for each statement execute function hinoban_refuse_change()', target);
end $$;
`,
};
