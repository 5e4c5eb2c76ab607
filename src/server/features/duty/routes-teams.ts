import { HinobanError, invalidInput } from "#base/errors";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/duty";
import { allCalendars, daysOf } from "./calendars.ts";
import { calendarProblems } from "./calendar/model.ts";
import { changeCalendar } from "./change-calendar.ts";
import { changeTeam } from "./change-team.ts";
import { createCalendar } from "./create-calendar.ts";
import { createTeam } from "./create-team.ts";
import { deleteCalendar } from "./delete-calendar.ts";
import { deleteTeam } from "./delete-team.ts";
import type { Duty } from "./duty.ts";
import { readCalendars } from "./store.ts";
import { allTeams } from "./teams.ts";

const done = { success: true } as const;

export function registerTeamRoutes(served: Served, duty: Duty): void {
  serve(served, wire.listTeams, async ({ actor }) => ({ teams: await duty.db.tx(scopeOf(actor), allTeams) }));
  serve(served, wire.createTeam, ({ actor, body }) => createTeam(duty, actor, body));
  serve(served, wire.changeTeam, ({ actor, params, body }) => changeTeam(duty, actor, params.id, body));
  serve(served, wire.deleteTeam, async ({ actor, params }) => {
    await deleteTeam(duty, actor, params.id);
    return done;
  });
  registerCalendars(served, duty);
}

function registerCalendars(served: Served, duty: Duty): void {
  serve(served, wire.listCalendars, async ({ actor }) => ({ calendars: await duty.db.tx(scopeOf(actor), allCalendars) }));
  serve(served, wire.createCalendar, ({ actor, body }) => createCalendar(duty, actor, body));
  serve(served, wire.changeCalendar, ({ actor, params, body }) => changeCalendar(duty, actor, params.id, body));
  serve(served, wire.deleteCalendar, async ({ actor, params }) => {
    await deleteCalendar(duty, actor, params.id);
    return done;
  });
  serve(served, wire.listCalendarDays, async ({ actor, params, query }) => {
    const calendar = (await duty.db.tx(scopeOf(actor), (tx) => readCalendars(tx, duty.holidays))).get(params.id);
    if (!calendar) throw new HinobanError("not-found", `There is no calendar ${params.id}.`, { id: params.id });
    return { days: daysOf(calendar, query.from, query.to) };
  });
  serve(served, wire.previewCalendar, async ({ body }) => {
    const problems = calendarProblems(body.versions);
    if (problems.length > 0) throw invalidInput(problems);
    return { days: daysOf({ id: "preview", versions: body.versions, holidays: duty.holidays }, body.from, body.to) };
  });
}
