import type { FastifyReply, FastifyRequest } from "fastify";
import { HinobanError } from "#base/errors";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/duty-calendars";
import { absencesAhead } from "./absences.ts";
import { calendarText } from "./calendar-text.ts";
import { createAbsence } from "./create-absence.ts";
import { createFeed } from "./create-feed.ts";
import { broughtText } from "./fetch-calendar.ts";
import { deleteAbsence } from "./delete-absence.ts";
import type { Duty } from "./duty.ts";
import { findFeed, listFeeds, readFeed } from "./feeds.ts";
import { importAbsences } from "./import-absences.ts";
import { revokeFeed } from "./revoke-feed.ts";
import { readShiftFile } from "./shift-file.ts";
import { peopleNamed } from "./teams.ts";

const done = { success: true } as const;

/** Serves absences, files, and the secret addresses that calendar programs read. */
export function registerFileRoutes(served: Served, duty: Duty): void {
  registerAbsences(served, duty);
  serve(served, wire.readShiftFile, async ({ actor, body }) => {
    const text = await broughtText(duty, actor, body);
    return duty.db.tx(scopeOf(actor), async (tx) => {
      const { shifts, unknown } = await readShiftFile(tx, { ...body, text, people: body.people ?? [] }, duty.clock.now());
      const people = await peopleNamed(
        tx,
        shifts.map((shift) => shift.personId),
      );
      return { shifts: [...shifts], unknown: [...unknown], people };
    });
  });
  serve(served, wire.exportSchedule, ({ actor, params }) =>
    duty.db.tx(scopeOf(actor), async (tx) => ({ text: await calendarText(duty, tx, { scheduleId: params.id }) })),
  );
  serve(served, wire.listFeeds, async ({ actor }) => ({ feeds: await duty.db.tx(scopeOf(actor), listFeeds) }));
  serve(served, wire.createFeed, ({ actor, body }) => createFeed(duty, actor, body));
  serve(served, wire.revokeFeed, async ({ actor, params }) => {
    await revokeFeed(duty, actor, params.id);
    return done;
  });
  served.app.get("/duty-calendar/:file", { schema: { hide: true } }, (request, reply) => sendFeed(duty, request, reply));
}

function registerAbsences(served: Served, duty: Duty): void {
  serve(served, wire.listAbsences, ({ actor, query }) =>
    duty.db.tx(scopeOf(actor), async (tx) => {
      const absences = await absencesAhead(tx, duty.clock.now(), query.personId);
      const people = await peopleNamed(
        tx,
        absences.map((absence) => absence.personId),
      );
      return { absences, people };
    }),
  );
  serve(served, wire.createAbsence, ({ actor, body }) => createAbsence(duty, actor, body));
  serve(served, wire.deleteAbsence, async ({ actor, params }) => {
    await deleteAbsence(duty, actor, params.id);
    return done;
  });
  serve(served, wire.importAbsences, async ({ actor, body }) =>
    importAbsences(duty, actor, { ...body, text: await broughtText(duty, actor, body) }),
  );
}

/** Whoever has the address reads it, calendar programs cannot sign in. A wrong and a revoked one look the same. */
async function sendFeed(duty: Duty, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { file } = request.params as { file: string }; // the route's own parameter
  const token = /^([\w-]{32})\.ics$/u.exec(file)?.[1];
  const feed = token === undefined ? undefined : await findFeed(duty.db, token);
  const text =
    feed && (await duty.db.tx({ organisationId: feed.organisationId }, (tx) => readFeed(duty, tx, feed.id)).catch(undefinedWhenGone));
  reply.header("x-robots-tag", "noindex").header("referrer-policy", "no-referrer");
  if (text === undefined) return reply.code(404).type("text/plain; charset=utf-8").send("There is no such calendar.\n");
  return reply.header("cache-control", "private, max-age=300").type("text/calendar; charset=utf-8").send(text);
}

function undefinedWhenGone(error: unknown): undefined {
  if (error instanceof HinobanError && error.code === "not-found") return undefined;
  throw error;
}
