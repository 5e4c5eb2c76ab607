import { useQuery } from "@tanstack/react-query";
import { getZabbixSettings } from "#wire/zabbix";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";

/** What is refused and who is late changes without an act: looked at anew this often, in ms. */
export const refreshEvery = 30_000;

/** Who may report, and who was refused. */
export function useZabbixSettings() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "zabbix", "settings"],
    queryFn: ({ signal }) => call(getZabbixSettings, { params: { org } }, signal),
    refetchInterval: refreshEvery,
  });
}
