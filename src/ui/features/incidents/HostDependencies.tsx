import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listDependencies, type Named } from "#wire/alerts";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { HostCell } from "../../kit/cells.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { DependenciesDialog } from "./DependenciesDialog.tsx";
import { groupingMessages } from "./grouping-messages.ts";

/** On which hosts a host depends, and which depend on it. */
export function HostDependencies({ id }: { readonly id: string }) {
  const m = useMessages(groupingMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("host.change");
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery({
    queryKey: [org, "dependencies", id],
    queryFn: ({ signal }) => call(listDependencies, { params: { org }, query: { host: id, limit: 200 } }, signal),
  });
  if (!data) return undefined;
  const needed = data.dependencies.filter((one) => one.host.id === id).map((one) => one.dependsOn);
  const dependents = data.dependencies.filter((one) => one.dependsOn.id === id).map((one) => one.host);
  return (
    <PageSection
      title={m.dependencies}
      hint={m.dependenciesHint}
      actions={
        mayChange && (
          <Button size="compact-md" variant="default" onClick={() => setOpen(true)}>
            {m.change}
          </Button>
        )
      }
    >
      {needed.length === 0 ? <Text size="sm">{m.noDependencies}</Text> : <Hosts hosts={needed} />}
      {dependents.length > 0 && (
        <Text size="sm" c="dimmed" mt={4}>
          {m.dependents({ hosts: dependents.map((host) => host.name).join(", ") })}
        </Text>
      )}
      {isOpen && <DependenciesDialog id={id} known={needed} onClose={() => setOpen(false)} />}
    </PageSection>
  );
}

function Hosts({ hosts }: { readonly hosts: readonly Named[] }) {
  const org = useOrganisation().name;
  return (
    <Group gap="4px 16px">
      {hosts.map((host) => (
        <HostCell key={host.id} org={org} id={host.id} name={host.name} />
      ))}
    </Group>
  );
}
