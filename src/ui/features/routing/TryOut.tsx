import { Alert, Button, Group, NativeSelect, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { alertStatuses, type AlertStatus } from "#wire/alerting";
import { listHosts } from "#wire/inventory";
import { tryRouting, type NotTold, type TriedChannel } from "#wire/routing";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { useMonitorChoices } from "../downtimes/use-downtimes.ts";
import { hostName } from "../inventory/host-name.ts";
import { useServices } from "../inventory/use-services.ts";
import { messages } from "./messages.ts";

interface Asked {
  readonly monitorId: string;
  /** `host:<id>`, `service:<name>` or empty. */
  readonly of: string;
  readonly status: AlertStatus;
}

const bodyOf = ({ monitorId, of, status }: Asked) => ({
  ...(monitorId === "" ? {} : { monitorId }),
  ...(of.startsWith("host:") ? { hostId: of.slice("host:".length) } : {}),
  ...(of.startsWith("service:") ? { service: of.slice("service:".length) } : {}),
  status,
  ...(status === "OK" ? { wasCritical: true } : {}),
});

/** Who would be told of an alert: asked of the server, which decides by the rules by which it tells. */
export function TryOut() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const monitors = useMonitorChoices();
  const [asking, setAsking] = useState<Asked>({ monitorId: "", of: "", status: "CRITICAL" });
  const [asked, setAsked] = useState<Asked>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "notification-groups", "try", asked],
    queryFn: ({ signal }) => call(tryRouting, { params: { org }, body: bodyOf(asked ?? asking) }, signal),
    enabled: asked !== undefined,
  });
  return (
    <PageSection title={m.tryTitle} hint={m.tryHint}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(asking);
        }}
      >
        <Group align="flex-end" gap="sm" mb="sm">
          <Select
            label={m.tryMonitor}
            data={[{ value: "", label: m.anyMonitor }, ...monitors]}
            value={asking.monitorId}
            onChange={(monitorId) => setAsking({ ...asking, monitorId: monitorId ?? "" })}
            searchable
          />
          <ThingSelect value={asking.of} onChange={(of) => setAsking({ ...asking, of })} />
          <NativeSelect
            label={m.tryStatus}
            value={asking.status}
            data={[...alertStatuses].toReversed()}
            onChange={(event) =>
              setAsking({ ...asking, status: alertStatuses.find((status) => status === event.currentTarget.value) ?? "CRITICAL" })
            }
          />
          <Button type="submit" variant="default">
            {m.tryGo}
          </Button>
        </Group>
      </form>
      {asked && <Outcome data={data} error={error} onRetry={() => void refetch()} />}
    </PageSection>
  );
}

function ThingSelect({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [text, setText] = useState("");
  const services = useServices() ?? [];
  const query = { limit: 50, ...(text === "" ? {} : { text }) };
  const { data: hosts = [] } = useQuery({
    queryKey: [org, "hosts", "picker", text],
    queryFn: async ({ signal }) => {
      const found = await call(listHosts, { params: { org }, query }, signal);
      return found.hosts.map((host) => ({ value: host.id, label: hostName(host) }));
    },
    placeholderData: keepPreviousData,
  });
  const groups = [
    { group: m.tryHost, items: hosts.map(({ value: id, label }) => ({ value: `host:${id}`, label })) },
    { group: m.tryService, items: services.map(({ name }) => ({ value: `service:${name}`, label: name })) },
  ];
  return (
    <Select
      label={m.tryWhat}
      data={[{ value: "", label: m.tryNothing }, ...groups]}
      value={value}
      onSearchChange={(next) => setText(next === m.tryNothing ? "" : next.slice(0, 100))}
      onChange={(chosen) => onChange(chosen ?? "")}
      searchable
    />
  );
}

interface OutcomeProps {
  readonly data:
    | { readonly channels: readonly TriedChannel[]; readonly silent: readonly string[]; readonly alertGroups: readonly string[] }
    | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
}

function Outcome({ data, error, onRetry }: OutcomeProps) {
  const m = useMessages(messages);
  const columns = useColumns();
  return (
    <Stack gap="xs" aria-live="polite">
      {data && !data.channels.some(({ isTold }) => isTold) && (
        <Alert variant="outline" color="yellow">
          {m.tryNobody}
        </Alert>
      )}
      {data && data.alertGroups.length > 0 && <Text size="sm">{m.inGroups({ names: data.alertGroups.join(", ") })}</Text>}
      {data && data.silent.length > 0 && <Text size="sm">{m.silent({ names: data.silent.join(", ") })}</Text>}
      <DataTable
        caption={m.tryTitle}
        columns={columns}
        rows={data?.channels}
        rowKey={({ channelId }) => channelId}
        error={error}
        onRetry={onRetry}
        empty={<NothingThere>{m.tryNobody}</NothingThere>}
      />
    </Stack>
  );
}

function useColumns(): readonly Column<TriedChannel>[] {
  const m = useMessages(messages);
  const why: Readonly<Record<NotTold, string>> = {
    event: m.becauseEvent,
    "alert-group": m.becauseAlertGroup,
    suspended: m.becauseSuspended,
    muted: m.becauseMuted,
    downtime: m.becauseDowntime,
    "host-status": m.becauseHostStatus,
  };
  return [
    { key: "channel", header: m.channel, isRowHeader: true, cell: ({ name }) => name },
    { key: "via", header: m.via, cell: ({ via }) => via.join(" → ") },
    {
      key: "outcome",
      header: m.outcome,
      cell: ({ isTold, because }) => (
        <Group gap={6}>
          <StateCell tone={isTold ? "good" : "off"} label={isTold ? m.told : m.notTold} />
          {because !== undefined && <Text size="sm">{why[because]}</Text>}
        </Group>
      ),
    },
  ];
}
