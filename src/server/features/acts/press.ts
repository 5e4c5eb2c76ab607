import { HinobanError } from "#base/errors";
import { demand, standInFor, type StandIn } from "#features/identity";
import { declineIncident, resolveIncident, takeIncident, type ActToken } from "#features/incidents";
import { guarded, scopeOf, type Actor } from "#http";
import type { Tx } from "#store";
import type { ActVia, IncidentAction } from "#wire/alerting";
import type { Acts } from "./acts.ts";
import { standingOf, type Standing } from "./model.ts";
import { seeIncident, type SeenIncident } from "./seen-incident.ts";

/** A link, button or command that somebody pressed. */
export interface Press {
  readonly incidentId: string;
  readonly action: IncidentAction;
  readonly via: ActVia;
  /** What has its effect once; a command has none, since whoever types it again means it again. */
  readonly once: { readonly key: string; readonly token: ActToken } | undefined;
}

/** What became of a press: done by it, or why not, and how the incident stands now. */
export interface Outcome {
  readonly isDone: boolean;
  readonly standing: Standing;
  readonly incident: SeenIncident;
}

const verbs = { take: takeIncident, cannot: declineIncident, resolve: resolveIncident } as const;

const gone = (id: string): HinobanError => new HinobanError("not-found", "This incident does not exist any more.", { id });

/** How things stand for a person, without doing anything. @throws HinobanError "not-found" */
export async function look(acts: Acts, tx: Tx, actor: StandIn["actor"], pressed: Press): Promise<Outcome> {
  const incident = await seeIncident(tx, { id: pressed.incidentId });
  if (!incident) throw gone(pressed.incidentId);
  const isUsed = pressed.once !== undefined && (await acts.incidents.tokens.isUsed(tx, pressed.once.key));
  const { state, responderId } = incident;
  const mayAct = isAllowed(acts, actor, pressed.incidentId);
  const standing = standingOf({ action: pressed.action, state, responderId, personId: actor.personId, mayAct, isUsed });
  return { isDone: false, standing, incident };
}

function isAllowed(acts: Acts, actor: Actor, incidentId: string): boolean {
  try {
    demand(actor, "incident.act", `incident:${incidentId}`, acts.clock.now());
    return true;
  } catch {
    return false;
  }
}

/**
 * Does what was pressed, as a person with the role that they have now. Of several who press at the same moment one takes it; the others
 * are told who. A refusal for want of a permission is recorded.
 * @throws HinobanError "not-found" when the incident is gone
 */
export async function press(acts: Acts, actor: StandIn["actor"], pressed: Press): Promise<Outcome> {
  const scope = scopeOf(actor);
  const before = await acts.db.tx(scope, (tx) => look(acts, tx, actor, pressed));
  if (before.standing !== "ready" && before.standing !== "refused") return before;
  const { incidentId, action, via } = pressed;
  // To take or resolve twice is to do it once; to say twice that one cannot would be to say it twice.
  const isReserved = action === "cannot";
  if (isReserved && !(await reserve(acts, actor, pressed))) return acts.db.tx(scope, (tx) => look(acts, tx, actor, pressed));
  try {
    await guarded(acts.gate, actor, () => verbs[action](acts.incidents, actor, { incidentId, via }));
  } catch (error) {
    if (isReserved) await giveBack(acts, actor, pressed);
    if (!(error instanceof HinobanError) || (error.code !== "conflict" && error.code !== "forbidden")) throw error;
    return acts.db.tx(scope, (tx) => look(acts, tx, actor, pressed));
  }
  const isDone = isReserved || (await reserve(acts, actor, pressed));
  const after = await acts.db.tx(scope, (tx) => look(acts, tx, actor, pressed));
  return { ...after, isDone };
}

/** The first of the presses of one link. */
async function reserve(acts: Acts, actor: Actor, { once }: Press): Promise<boolean> {
  if (!once) return true;
  return acts.db.tx(scopeOf(actor), (tx) => acts.incidents.tokens.use(tx, once.key, once.token));
}

/** Nothing was done: the link may still be of use, when somebody gives the incident back. */
async function giveBack(acts: Acts, actor: Actor, { once }: Press): Promise<void> {
  if (once) await acts.db.tx(scopeOf(actor), (tx) => acts.incidents.tokens.giveBack(tx, once.key));
}

/** The person of a token as they are now. @throws HinobanError "not-found" for somebody who never belonged to the organisation */
export async function holderOf(tx: Tx, personId: string, address: string | undefined): Promise<StandIn> {
  const standIn = await standInFor(tx, personId, address);
  if (!standIn) throw new HinobanError("not-found", "The person of this link is not known here.", { personId });
  return standIn;
}
