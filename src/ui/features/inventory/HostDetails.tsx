import { SimpleGrid, Stack, Title } from "@mantine/core";
import { unixMs } from "#base/duration";
import type { Host, HostInterface } from "#wire/inventory";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import type { Column } from "#kit/table-model";
import { BytesCell, Dash, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { FactList } from "../../kit/FactList.tsx";
import { HostDependencies } from "../incidents/HostDependencies.tsx";
import { HostMonitors } from "../monitors/HostMonitors.tsx";
import { NameReading } from "../speech/NameReading.tsx";
import { messages as speechMessages } from "../speech/messages.ts";
import { hostFacts, type FileSystemFacts } from "./host-meta.ts";
import { HostChecks } from "./HostChecks.tsx";
import { messages } from "./messages.ts";
import { MetadataSection } from "./MetadataSection.tsx";
import { Reporters } from "./Reporters.tsx";
import { RoleBadges } from "./RoleBadges.tsx";
import { useHostMetadata } from "./use-metadata.ts";

/** What is known about a host beside its graphs. */
export function HostDetails({ host }: { readonly host: Host }) {
  const m = useMessages(messages);
  const speech = useMessages(speechMessages);
  const format = useFormat();
  const facts = hostFacts(host.meta);
  const metadata = useHostMetadata(host.id);
  const processors = facts.processors.map(({ model, count }) => m.cores({ model, count: format.count(count) })).join(", ");
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
        <FactList
          title={m.host}
          facts={[
            [m.name, host.name],
            [m.displayName, host.displayName],
            [speech.inCalls, <NameReading key="reading" kind="host" id={host.id} name={host.name} />],
            [m.id, host.id],
            [m.customIdentifier, host.customIdentifier],
            [m.roles, <RoleBadges key="roles" roles={host.roles} />],
            [m.registered, <TimeCell key="registered" at={unixMs(host.createdAt)} isExact />],
          ]}
        />
        <FactList
          title={m.system}
          facts={[
            [m.os, facts.os],
            [m.kernel, facts.kernel],
            [m.processor, processors],
            [m.memoryTotal, facts.memoryBytes === undefined ? undefined : format.bytes(facts.memoryBytes)],
            [m.agent, facts.agent],
            [m.cloud, facts.cloud],
          ]}
        />
      </SimpleGrid>
      <Interfaces interfaces={host.interfaces} />
      {facts.fileSystems.length > 0 && <FileSystems fileSystems={facts.fileSystems} />}
      <Reporters id={host.id} />
      <HostMonitors hostId={host.id} />
      <HostChecks id={host.id} />
      <HostDependencies id={host.id} />
      <MetadataSection owner={metadata} />
    </Stack>
  );
}

function Interfaces({ interfaces }: { readonly interfaces: readonly HostInterface[] }) {
  const m = useMessages(messages);
  const columns: readonly Column<HostInterface>[] = [
    { key: "name", header: m.interfaceName, isRowHeader: true, cell: (one) => one.name },
    { key: "ipv4", header: m.ipv4, cell: (one) => one.ipv4Addresses.join(", ") || <Dash /> },
    { key: "ipv6", header: m.ipv6, cell: (one) => one.ipv6Addresses.join(", ") || <Dash /> },
    { key: "mac", header: m.mac, cell: (one) => one.macAddress ?? <Dash /> },
  ];
  return (
    <section aria-label={m.interfaces}>
      <Title order={2} size="h3" mb="xs">
        {m.interfaces}
      </Title>
      <DataTable
        caption={m.interfaces}
        columns={columns}
        rows={interfaces}
        rowKey={(one) => one.name}
        empty={<NothingThere>{m.noInterfaces}</NothingThere>}
      />
    </section>
  );
}

function FileSystems({ fileSystems }: { readonly fileSystems: readonly FileSystemFacts[] }) {
  const m = useMessages(messages);
  const columns: readonly Column<FileSystemFacts>[] = [
    { key: "device", header: m.device, isRowHeader: true, cell: (one) => one.device },
    { key: "mount", header: m.mount, cell: (one) => one.mount ?? <Dash /> },
    {
      key: "size",
      header: m.size,
      align: "end",
      sortValue: (one) => one.sizeBytes ?? 0,
      cell: (one) => <BytesCell bytes={one.sizeBytes} />,
    },
    {
      key: "used",
      header: m.used,
      align: "end",
      sortValue: (one) => one.usedBytes ?? 0,
      cell: (one) => <BytesCell bytes={one.usedBytes} />,
    },
  ];
  return (
    <section aria-label={m.filesystems}>
      <Title order={2} size="h3" mb="xs">
        {m.filesystems}
      </Title>
      <DataTable caption={m.filesystems} columns={columns} rows={fileSystems} rowKey={(one) => one.device} empty={undefined} />
    </section>
  );
}
