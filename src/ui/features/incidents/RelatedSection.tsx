import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listDependencies } from "#wire/alerts";
import { listIncidents, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { AnchorLink } from "../../kit/links.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { ResponderCell } from "./ResponderCell.tsx";

/** More than this nobody reads in the night. */
const mostHosts = 3;
const mostIncidents = 5;

/** What else belongs to it: on what its hosts depend, and their other incidents. */
export function RelatedSection({ incident }: { readonly incident: Incident }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const hosts = incident.hosts.slice(0, mostHosts);
  const { data } = useQuery({
    queryKey: [org, "incidents", "related", incident.id, hosts.map((host) => host.id)],
    queryFn: async ({ signal }) => {
      const answers = await Promise.all(
        hosts.map(async ({ id }) => ({
          dependencies: (await call(listDependencies, { params: { org }, query: { host: id, limit: 20 } }, signal)).dependencies,
          incidents: (await call(listIncidents, { params: { org }, query: { host: id, limit: 10 } }, signal)).incidents,
        })),
      );
      const others = answers.flatMap((answer) => answer.incidents).filter((one) => one.id !== incident.id);
      return {
        dependencies: unique(
          answers.flatMap((answer) => answer.dependencies),
          (one) => `${one.host.id} ${one.dependsOn.id}`,
        ),
        others: unique(others, (one) => one.id).slice(0, mostIncidents),
      };
    },
    enabled: hosts.length > 0,
  });
  if (!data || (data.dependencies.length === 0 && data.others.length === 0)) return undefined;
  return (
    <PageSection title={m.related}>
      <Stack gap={6}>
        {data.dependencies.map(({ host, dependsOn }) => (
          <Text key={`${host.id} ${dependsOn.id}`} size="sm">
            <AnchorLink to="/o/$org/hosts/$id" params={{ org, id: dependsOn.id }} size="sm">
              {m.dependsOn({ host: host.name, other: dependsOn.name })}
            </AnchorLink>
          </Text>
        ))}
        {data.others.length > 0 && (
          <Text size="sm" fw={600} mt={4}>
            {m.sameHost}
          </Text>
        )}
        {data.others.map((other) => (
          <Text key={other.id} size="sm" component="div">
            <AnchorLink to="/o/$org/incidents/$id" params={{ org, id: other.id }} size="sm">
              {`#${other.number} ${other.title}`}
            </AnchorLink>{" "}
            <ResponderCell incident={other} />
          </Text>
        ))}
      </Stack>
    </PageSection>
  );
}

function unique<T>(list: readonly T[], keyOf: (one: T) => string): T[] {
  return [...new Map(list.map((one) => [keyOf(one), one])).values()];
}
