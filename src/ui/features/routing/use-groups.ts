import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRoutingSettings, listAlertGroupSettings, listNotificationGroups, type NotificationGroup } from "#wire/routing";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { messages } from "./messages.ts";

export function useGroups() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "notification-groups"],
    queryFn: ({ signal }) => call(listNotificationGroups, { params: { org } }, signal),
  });
}

export function useAlertGroupSettings() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "notification-groups", "alert-groups"],
    queryFn: ({ signal }) => call(listAlertGroupSettings, { params: { org } }, signal),
  });
}

export function useRoutingSettings() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "notification-groups", "settings"],
    queryFn: ({ signal }) => call(getRoutingSettings, { params: { org } }, signal),
  });
}

/** After an act on groups. */
export function useRefreshGroups(): () => Promise<void> {
  const client = useQueryClient();
  const org = useOrganisation().name;
  return () => client.invalidateQueries({ queryKey: [org, "notification-groups"] });
}

/** What a group is called: the default one in the reader's language. */
export function useGroupName(): (group: Pick<NotificationGroup, "type" | "name">) => string {
  const m = useMessages(messages);
  return ({ type, name }) => (type === "group-default" ? m.defaultName : name);
}

const mostNamed = 3;

/** The first few names of a list, and how many more. */
export function useNames(): (names: readonly string[]) => string {
  const m = useMessages(messages);
  const format = useFormat();
  return (names) => {
    const shown = names.slice(0, mostNamed).join(", ");
    return names.length <= mostNamed ? shown : m.andMore({ names: shown, count: format.count(names.length - mostNamed) });
  };
}
