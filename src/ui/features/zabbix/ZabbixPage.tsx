import { Alert, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { CopyField } from "../../kit/CopyField.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import type { ZabbixSettings } from "#wire/zabbix";
import { serverLine } from "./agent-lines.ts";
import { messages } from "./messages.ts";
import { PskSection } from "./PskSection.tsx";
import { ReceptionForm } from "./ReceptionForm.tsx";
import { RefusalSection } from "./RefusalSection.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { useZabbixSettings } from "./use-zabbix.ts";
import { HostSection } from "./HostSection.tsx";

/** Everything about agents of another house: how they connect, who may, who does, and who was refused. */
export function ZabbixPage() {
  const m = useMessages(messages);
  const maySeeKeys = useMay("key.view");
  const { data, error, refetch } = useZabbixSettings();
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <RoutePending />}
      {data && (
        <Stack gap="xl">
          <ConnectSection settings={data} />
          <HostSection />
          <ReceptionForm key={JSON.stringify([data.networks, data.autoregister])} settings={data} />
          {maySeeKeys && <PskSection settings={data} />}
          <RefusalSection refusals={data.refusals} />
        </Stack>
      )}
    </>
  );
}

function ConnectSection({ settings }: { readonly settings: ZabbixSettings }) {
  const m = useMessages(messages);
  if (settings.port === 0) {
    return (
      <Alert variant="outline" color="red" icon={<IconAlertTriangle aria-hidden />}>
        {settings.problem === undefined ? m.off : m.problem({ problem: settings.problem })}
      </Alert>
    );
  }
  return (
    <PageSection title={m.connect} hint={m.connectHint}>
      <Stack maw="32rem">
        <CopyField label={m.serverLine} value={serverLine(globalThis.location.hostname, settings.port)} />
      </Stack>
    </PageSection>
  );
}
