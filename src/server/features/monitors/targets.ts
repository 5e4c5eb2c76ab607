import { invalidInput, type FieldProblem } from "#base/errors";
import { existingHosts, existingRoles, existingServices } from "#features/inventory";
import type { Tx } from "#store";
import { hostOfVantage } from "#wire/probe-specs";
import type { MonitorSettings } from "#wire/monitor-settings";
import { scopeKey, scopeOfText, type Scope } from "./model.ts";

/** A place of the settings that names something of the inventory. */
interface Named {
  readonly field: string;
  readonly text: string;
  readonly scope: Scope;
}

/** Makes sure that every service, role and host exists that the settings name. @throws "invalid-input" with each that does not */
export async function demandTargets(tx: Tx, settings: MonitorSettings): Promise<void> {
  const named = namedIn(settings);
  const services = await existingServices(tx, [...new Set(named.map(({ scope }) => scope.service))]);
  const roles = await existingRoles(
    tx,
    named.flatMap(({ scope: { service, role } }) => (role === undefined ? [] : [{ service, role }])),
  );
  const known = new Set([...services, ...roles.map(scopeKey)]);
  const problems: FieldProblem[] = named
    .filter(({ scope }) => !known.has(scopeKey(scope)))
    .map(({ field, text, scope }) => ({ field, problem: `there is no ${scope.role === undefined ? "service" : "role"} ${text}` }));
  problems.push(...(await missingHosts(tx, settings)));
  if (problems.length > 0) throw invalidInput(problems);
}

function namedIn(settings: MonitorSettings): Named[] {
  const named: Named[] = [];
  const add = (field: string, text: string | null | undefined): void => {
    const scope = text ? scopeOfText(text) : undefined;
    if (text && scope) named.push({ field, text, scope });
  };
  if ("scopes" in settings) for (const [i, text] of (settings.scopes ?? []).entries()) add(`scopes.${i}`, text);
  if ("excludeScopes" in settings) for (const [i, text] of (settings.excludeScopes ?? []).entries()) add(`excludeScopes.${i}`, text);
  if ("service" in settings) add("service", settings.service);
  return named;
}

async function missingHosts(tx: Tx, settings: MonitorSettings): Promise<FieldProblem[]> {
  if (!("probe" in settings)) return [];
  const wanted = [
    ...(settings.hostId === undefined ? [] : [{ field: "hostId", id: settings.hostId }]),
    ...(settings.vantages ?? []).flatMap((vantage, i) => {
      const id = hostOfVantage(vantage);
      return id === undefined ? [] : [{ field: `vantages.${i}`, id }];
    }),
  ];
  if (wanted.length === 0) return [];
  const known = await existingHosts(
    tx,
    wanted.map(({ id }) => id),
  );
  return wanted.filter(({ id }) => !known.has(id)).map(({ field, id }) => ({ field, problem: `there is no host ${id}` }));
}
