import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Feed } from "#wire/duty-calendars";
import { acting, demandPeople, organisationOf } from "./act.ts";
import { digestOf, feedPath, newToken, presentedFeed } from "./feeds.ts";
import { findSchedule } from "./store.ts";

const mostFeeds = 1000;

/** Makes a secret address; only its digest is kept. @throws "forbidden", "invalid-input" unless it is for one schedule or one person */
export function createFeed(
  deps: Deps,
  actor: Actor,
  input: { readonly scheduleId?: string; readonly personId?: string },
): Promise<{ feed: Feed; path: string }> {
  const { scheduleId, personId } = input;
  return acting(deps, actor, scheduleId === undefined ? organisationOf(actor) : `schedule:${scheduleId}`, async ({ tx, at }) => {
    if ((scheduleId === undefined) === (personId === undefined)) {
      throw invalidInput([{ field: "scheduleId", problem: "name a schedule or a person, and not both" }]);
    }
    if (scheduleId !== undefined) await findSchedule(tx, scheduleId);
    if (personId !== undefined) await demandPeople(tx, [personId], "personId");
    const { count } = await tx
      .selectFrom("duty_feed")
      .select((of) => of.fn.countAll<number>().as("count"))
      .where("revoked_at", "is", null)
      .executeTakeFirstOrThrow();
    if (count >= mostFeeds) throw new HinobanError("conflict", `An organisation has at most ${mostFeeds} calendar addresses.`);
    const token = newToken();
    const row = await tx
      .insertInto("duty_feed")
      .values({
        id: newId(),
        digest: digestOf(token),
        schedule_id: scheduleId ?? null,
        person_id: personId ?? null,
        created_by: actorId(actor),
        created_at: at,
        last_read_at: null,
        revoked_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "duty-feed.created",
      object: `duty-feed:${row.id}`,
      outcome: "done",
      detail: { ...(scheduleId === undefined ? {} : { schedule: scheduleId }), ...(personId === undefined ? {} : { person: personId }) },
    });
    return { feed: presentedFeed(row), path: feedPath(token) };
  });
}
