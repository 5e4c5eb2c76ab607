import { HinobanError } from "#base/errors";
import { findOrganisation, type StandIn } from "#features/identity";
import { namesOf } from "#features/inventory";
import type { ActToken } from "#features/incidents";
import type { Tx } from "#store";
import type { Act } from "#wire/acts";
import type { Acts } from "./acts.ts";
import { holderOf, look, press, type Outcome, type Press } from "./press.ts";
import { recordRefusal } from "./refusal.ts";

/** More alerts than this no page in the night needs. */
const mostAlerts = 5;

/** What a link is about, for whoever has it. Changes nothing. @throws HinobanError "not-found" for none of ours, "gone" for one that is too old */
export async function readAct(acts: Acts, token: string, address: string): Promise<Act> {
  acts.pages.take(address);
  const facts = readLink(acts, token);
  return acts.db.tx({ organisationId: facts.organisationId }, async (tx) => {
    const holder = await holderOf(tx, facts.to.id, address);
    const pressed = pressOf(token, facts);
    return actOf(acts, tx, { facts, holder, outcome: await look(acts, tx, holder.actor, pressed) });
  });
}

/**
 * Does what a link was made for, as its person. A second press tells how things stand.
 * @throws HinobanError "not-found" | "gone", recorded as refusals
 */
export async function confirmAct(acts: Acts, token: string, address: string): Promise<{ isDone: boolean; act: Act }> {
  acts.pages.take(address);
  const facts = await readOrRecord(acts, token, address);
  const scope = { organisationId: facts.organisationId };
  const holder = await acts.db.tx(scope, (tx) => holderOf(tx, facts.to.id, address));
  const outcome = await press(acts, holder.actor, pressOf(token, facts));
  const act = await acts.db.tx(scope, (tx) => actOf(acts, tx, { facts, holder, outcome }));
  return { isDone: outcome.isDone, act };
}

const pressOf = (token: string, facts: ActToken): Press => ({
  incidentId: facts.incidentId,
  action: facts.action,
  via: "mail",
  once: { key: token, token: facts },
});

/** @throws HinobanError "not-found" | "gone" */
function readLink(acts: Acts, token: string): ActToken {
  try {
    const facts = acts.incidents.tokens.read(token, acts.clock.now());
    // A channel's button proves which channel was asked and not who presses: it is no link for anybody.
    if (facts.to.kind !== "person") throw notOurs();
    return facts;
  } catch (error) {
    if (error instanceof HinobanError && error.code === "wrong-credentials") throw notOurs();
    throw error;
  }
}

const notOurs = (): HinobanError => new HinobanError("not-found", "This link is not valid. A part of it may be missing.");

async function readOrRecord(acts: Acts, token: string, address: string): Promise<ActToken> {
  try {
    return readLink(acts, token);
  } catch (error) {
    if (error instanceof HinobanError) {
      const { organisationId, incidentId } = error.facts;
      const cause = error.code === "gone" ? "expired" : "forged";
      await recordRefusal(acts, { cause, via: "mail", address, organisationId: idIn(organisationId), incidentId: idIn(incidentId) });
    }
    throw error;
  }
}

const idIn = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

interface Known {
  readonly facts: ActToken;
  readonly holder: StandIn;
  readonly outcome: Outcome;
}

/** Whoever may do nothing here any more sees nothing either. */
const notAllowed = (): HinobanError =>
  new HinobanError("forbidden", "You are no longer a member of this organisation, or your role does not allow it.");

/** @throws HinobanError "forbidden" */
async function actOf(acts: Acts, tx: Tx, { facts, holder, outcome }: Known): Promise<Act> {
  const { incident, standing } = outcome;
  if (standing === "refused") throw notAllowed();
  const organisation = await findOrganisation(tx);
  const alerts = [...(await acts.incidents.alertsOf(tx, incident.id))].sort((a, b) => rankOf(a) - rankOf(b));
  const shown = alerts.slice(0, mostAlerts);
  const hosts = await namesOf(
    tx,
    shown.flatMap((alert) => (alert.hostId === undefined ? [] : [`host:${alert.hostId}`])),
  );
  const { responderName, takenAt } = incident;
  return {
    action: facts.action,
    standing,
    person: { name: holder.name, language: holder.language, timeZone: holder.timeZone },
    organisation: { name: organisation?.name ?? "", displayName: organisation?.displayName ?? "" },
    incident: {
      id: incident.id,
      number: incident.number,
      title: incident.title,
      severity: incident.severity,
      state: incident.state,
      openedAt: incident.openedAt,
      ...(responderName === undefined ? {} : { responderName }),
      ...(takenAt === undefined ? {} : { takenAt }),
      alerts: shown.map(({ name, message, hostId, closedAt }) => {
        const host = hostId === undefined ? undefined : hosts[`host:${hostId}`];
        return { name, message, isOpen: closedAt === undefined, ...(host === undefined ? {} : { host }) };
      }),
      alertCount: alerts.length,
    },
    expiresAt: facts.expiresAt,
  };
}

/** Open ones first, the worst first. */
function rankOf({ closedAt, status }: { readonly closedAt: number | undefined; readonly status: string }): number {
  return (closedAt === undefined ? 0 : 10) + ["CRITICAL", "UNKNOWN", "WARNING", "OK"].indexOf(status);
}
