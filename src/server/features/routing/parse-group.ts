import { fieldsOf, optional, Problems, type Fields } from "#base/fields";
import { groupLimits as limits, type NewNotificationGroup } from "#wire/routing";

const levels = ["all", "critical"] as const;
const idRule = { least: 1, most: 64 } as const;

/**
 * A notification group out of a JSON value of anybody's. `monitors` and `services` stay absent when they were left out; null counts as left out.
 * @throws HinobanError "bad-request" for what is no object, "invalid-input" with every wrong field
 */
export function groupOf(body: unknown): NewNotificationGroup {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const name = fields.needed("name", { least: 1, most: limits.name });
  const notificationLevel = fields.get("notificationLevel") === undefined ? "all" : (fields.choice("notificationLevel", levels) ?? "all");
  const childNotificationGroupIds = idsIn(fields, "childNotificationGroupIds");
  const childChannelIds = idsIn(fields, "childChannelIds");
  const monitors = fields.objects("monitors", limits.monitors, (one) => ({
    id: one.needed("id", idRule),
    skipDefault: one.boolean("skipDefault") ?? false,
  }));
  const services = fields.objects("services", limits.services, (one) => ({ name: one.needed("name", { least: 1, most: 63 }) }));
  problems.throwIfAny();
  return {
    name,
    notificationLevel,
    childNotificationGroupIds,
    childChannelIds,
    ...optional("monitors", monitors),
    ...optional("services", services),
  };
}

const idsIn = (fields: Fields, key: string): string[] => fields.texts(key, limits.children, idRule) ?? [];
