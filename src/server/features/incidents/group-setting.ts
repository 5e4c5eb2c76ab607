import { HinobanError, invalidInput, type FieldProblem } from "#base/errors";
import { fieldsOf, optional, Problems } from "#base/fields";
import { existingRoles, existingServices, parseRoleName, roleText } from "#features/inventory";
import type { Tx } from "#store";
import type { IncidentsContext } from "./context.ts";

const mostScopes = 1000;

/** Mackerel's alert group setting as it was written: spelling of roles, and which keys there are, stay as they were. */
export interface GroupSetting {
  readonly name: string;
  readonly memo?: string;
  readonly serviceScopes?: readonly string[];
  readonly roleScopes?: readonly string[];
  /** Ids of monitors. */
  readonly monitorScopes?: readonly string[];
  /** Minutes. */
  readonly notificationInterval?: number;
}

/** A setting out of a JSON value of anybody's; null counts as left out. @throws "bad-request", "invalid-input" with every wrong field */
export function groupSettingOf(body: unknown): GroupSetting {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const scopes = (key: string) => fields.texts(key, mostScopes, { least: 1, most: 140 });
  const setting = {
    name: fields.needed("name", { least: 1, most: 255 }),
    ...optional("memo", fields.text("memo", { most: 2048 })),
    ...optional("serviceScopes", scopes("serviceScopes")),
    ...optional("roleScopes", scopes("roleScopes")),
    ...optional("monitorScopes", scopes("monitorScopes")),
    ...optional("notificationInterval", fields.integer("notificationInterval", 1, 525_600)),
  };
  problems.throwIfAny();
  return setting;
}

/** A setting with its id. */
export interface KeptGroupSetting extends GroupSetting {
  readonly id: string;
}

export const keptOf = ({ id, document }: { readonly id: string; readonly document: string }): KeptGroupSetting => ({
  id,
  ...(JSON.parse(document) as GroupSetting), // written by this feature alone
});

/** Oldest first. */
export async function allGroupSettings(tx: Tx): Promise<KeptGroupSetting[]> {
  return (await tx.selectFrom("incidents_alert_group_setting").select(["id", "document"]).orderBy("seq").execute()).map(keptOf);
}

/** @throws "not-found" */
export async function findGroupSetting(tx: Tx, id: string): Promise<KeptGroupSetting> {
  const row = await tx.selectFrom("incidents_alert_group_setting").select(["id", "document"]).where("id", "=", id).executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no alert group setting ${id}.`, { id });
  return keptOf(row);
}

/**
 * Makes sure that what a setting newly names exists. What it named before may be gone meanwhile: writing back what was read is no mistake.
 * @throws "invalid-input" that names what is missing
 */
export async function demandScopes({ downtimes }: IncidentsContext, tx: Tx, setting: GroupSetting, before?: GroupSetting): Promise<void> {
  const problems: FieldProblem[] = [];
  const check = (key: "serviceScopes" | "roleScopes" | "monitorScopes", kind: string, isKnown: (name: string) => boolean): void => {
    for (const [index, name] of (setting[key] ?? []).entries())
      if (!before?.[key]?.includes(name) && !isKnown(name))
        problems.push({ field: `${key}.${index}`, problem: `there is no ${kind} ${name}` });
  };
  const services = await existingServices(tx, setting.serviceScopes ?? []);
  check("serviceScopes", "service", (name) => services.has(name));
  const roles = await existingRoles(
    tx,
    (setting.roleScopes ?? []).flatMap((text) => parseRoleName(text) ?? []),
  );
  const known = new Set(roles.map(roleText));
  check("roleScopes", "role", (text) => {
    const role = parseRoleName(text);
    return role !== undefined && known.has(roleText(role));
  });
  const monitors = await downtimes?.monitorNames(tx, setting.monitorScopes ?? []);
  check("monitorScopes", "monitor", (id) => monitors?.has(id) ?? true);
  if (problems.length > 0) throw invalidInput(problems.slice(0, 20));
}
