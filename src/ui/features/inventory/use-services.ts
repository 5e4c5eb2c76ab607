import { useQuery } from "@tanstack/react-query";
import { listServices, type Service } from "#wire/services";
import { mostPerPage } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";

/** Services with their roles, for lists to choose from. */
export function useServices(): readonly Service[] | undefined {
  const call = useCall();
  const org = useOrganisation().name;
  const query = { limit: mostPerPage };
  const { data } = useQuery({
    queryKey: [org, "services", query],
    queryFn: ({ signal }) => call(listServices, { params: { org }, query }, signal),
    staleTime: 60_000,
  });
  return data?.services;
}

/** All roles as `service:role`. */
export const roleNamesOf = (services: readonly Service[]): string[] =>
  services.flatMap((service) => service.roles.map((role) => `${service.name}:${role.name}`));
