import { Badge, Button, Group, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { endOtherSessions, endSession, listSessions, type OwnSession } from "#wire/identity";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";
import { browserName } from "./user-agent.ts";

const sessionsKey = ["account", "sessions"];

/** The browsers in which somebody is signed in, and the way to end them. */
export function SessionsTable() {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const [isAsking, setAsking] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: sessionsKey, queryFn: ({ signal }) => call(listSessions, {}, signal) });

  const reload = (): Promise<void> => client.invalidateQueries({ queryKey: sessionsKey });
  const end = async (session: OwnSession): Promise<void> => {
    try {
      await call(endSession, { params: { id: session.id } });
      toasts.show({ text: m.sessionEnded });
    } catch (problem) {
      toasts.show({ kind: "problem", text: problemText(problem) });
    }
    await reload();
  };
  const endOthers = async (): Promise<void> => {
    const { ended } = await call(endOtherSessions);
    toasts.show({ text: m.sessionsEnded({ count: format.count(ended) }) });
    await reload();
  };
  const deviceOf = (session: OwnSession): string => browserName(session.userAgent) ?? m.unknownBrowser;
  const columns: readonly Column<OwnSession>[] = [
    {
      key: "device",
      header: m.device,
      isRowHeader: true,
      cell: (session) => (
        <Group gap="xs" title={session.userAgent}>
          {deviceOf(session)}
          {session.isCurrent && (
            <Badge variant="light" tt="none">
              {m.thisSession}
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "address", header: m.address, cell: (session) => session.address },
    { key: "started", header: m.started, cell: (session) => <TimeCell at={unixMs(session.createdAt)} isExact /> },
    { key: "lastSeen", header: m.lastSeen, cell: (session) => <TimeCell at={unixMs(session.lastSeenAt)} /> },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (session) =>
        session.isCurrent ? undefined : (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={m.endSessionOf({ device: deviceOf(session), address: session.address })}
            onClick={() => void end(session)}
          >
            {m.endSession}
          </Button>
        ),
    },
  ];
  const hasOthers = data?.sessions.some((session) => !session.isCurrent) === true;
  return (
    <section aria-label={m.sessions}>
      <Group justify="space-between" align="flex-end" mb="xs">
        <div>
          <Title order={2}>{m.sessions}</Title>
          <Text size="sm" c="dimmed">
            {m.sessionsIntro}
          </Text>
        </div>
        <Button variant="default" disabled={!hasOthers} onClick={() => setAsking(true)}>
          {m.endOthers}
        </Button>
      </Group>
      <DataTable
        caption={m.sessions}
        columns={columns}
        rows={data?.sessions}
        rowKey={(session) => session.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{kit.none}</NothingThere>}
      />
      {isAsking && (
        <ConfirmDialog
          title={m.endOthers}
          text={m.endOthersText}
          action={m.endOthers}
          isDangerous
          onConfirm={endOthers}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
