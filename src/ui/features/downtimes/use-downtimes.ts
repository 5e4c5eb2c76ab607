import { useQuery, useQueryClient } from "@tanstack/react-query";
import { listDowntimes, previewDowntime } from "#wire/downtimes";
import { listMonitors } from "#wire/monitors";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";
import type { Times } from "./downtime-form.ts";

/** After an act on downtimes. */
export function useRefreshDowntimes(): () => Promise<void> {
  const client = useQueryClient();
  const org = useOrganisation().name;
  return () => client.invalidateQueries({ queryKey: [org, "downtimes"] });
}

/** What covers all of a host or of a service right now: not what is about some monitors only, or about some roles of the service. */
export function useQuietNow(of: { readonly host?: string; readonly service?: string }) {
  const call = useCall();
  const org = useOrganisation().name;
  const query = { ...of, state: "active" as const, limit: 10 };
  const { data } = useQuery({
    queryKey: [org, "downtimes", query],
    queryFn: ({ signal }) => call(listDowntimes, { params: { org }, query }, signal),
    refetchInterval: 60_000,
  });
  const isWhole = (list: readonly string[] | undefined): boolean => (list ?? []).length === 0;
  return (data?.downtimes ?? []).filter(
    ({ monitorScopes, roleScopes, hostScopes }) =>
      isWhole(monitorScopes) && (of.service === undefined || (isWhole(roleScopes) && isWhole(hostScopes))),
  );
}

/** When a downtime would hold next; undefined while its times are not complete. */
export function usePreview(times: Times | undefined) {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "downtimes", "preview", times],
    queryFn: ({ signal }) => call(previewDowntime, { params: { org }, body: times ?? { start: 0, duration: 1 } }, signal),
    enabled: times !== undefined,
    placeholderData: (before) => before,
  });
}

/** Monitors to choose from: id and name. */
export function useMonitorChoices(): readonly { readonly value: string; readonly label: string }[] {
  const call = useCall();
  const org = useOrganisation().name;
  const query = { limit: 200 };
  const { data } = useQuery({
    queryKey: [org, "monitors", "choices"],
    queryFn: ({ signal }) => call(listMonitors, { params: { org }, query }, signal),
    staleTime: 60_000,
  });
  return (data?.monitors ?? []).map(({ id, settings }) => ({ value: id, label: settings.name }));
}
