import { allGroupSettings } from "#features/incidents";
import { parseRoleName, roleText, type PlacedHost } from "#features/inventory";
import type { Tx } from "#store";

/** Which alerts a person wants to hear of together: Mackerel's alert group setting. */
export interface AlertGroupSetting {
  readonly id: string;
  readonly name: string;
  readonly memo: string;
  /** Names; empty: all. */
  readonly services: readonly string[];
  /** `service:role`; empty: all. */
  readonly roles: readonly string[];
  /** Ids; empty: all. */
  readonly monitors: readonly string[];
  /** Minutes; undefined: told once. */
  readonly notificationInterval: number | undefined;
}

/** Those of the transaction's organisation, oldest first. */
export async function readAlertGroupSettings(tx: Tx): Promise<AlertGroupSetting[]> {
  return (await allGroupSettings(tx)).map(({ id, name, memo, serviceScopes, roleScopes, monitorScopes, notificationInterval }) => ({
    id,
    name,
    memo: memo ?? "",
    services: serviceScopes ?? [],
    roles: (roleScopes ?? []).flatMap((text) => {
      const role = parseRoleName(text);
      return role ? [roleText(role)] : [];
    }),
    monitors: monitorScopes ?? [],
    notificationInterval,
  }));
}

/** What settings ask about an alert. */
export interface Groupable {
  readonly monitorId: string | undefined;
  readonly host: PlacedHost | undefined;
  /** Name of the service that it is about by itself. */
  readonly service: string | undefined;
}

/** Whether a setting takes an alert in: of each kind that it names, one must match. */
export function takesIn(setting: AlertGroupSetting, { monitorId, host, service }: Groupable): boolean {
  const services = new Set([...(host?.roles ?? []).map((role) => role.service), ...(service === undefined ? [] : [service])]);
  const roles = new Set((host?.roles ?? []).map(roleText));
  return (
    isAmong(setting.services, services) &&
    isAmong(setting.roles, roles) &&
    isAmong(setting.monitors, new Set(monitorId === undefined ? [] : [monitorId]))
  );
}

const isAmong = (wanted: readonly string[], of: ReadonlySet<string>): boolean => wanted.length === 0 || wanted.some((name) => of.has(name));
