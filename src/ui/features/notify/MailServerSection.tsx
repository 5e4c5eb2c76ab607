import { Alert, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { seconds, unixMs } from "#base/duration";
import { getMailServer, removeMailServer, type MailServerState } from "#wire/notify-people";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { messages } from "./mail-messages.ts";
import { MailServerDialog } from "./MailServerDialog.tsx";
import { MailTest } from "./MailTest.tsx";

/** Which server carries the organisation's mail, how it does, and a test. */
export function MailServerSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("mail-server.change");
  const [open, setOpen] = useState<"edit" | "remove">();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "mail-server"],
    queryFn: ({ signal }) => call(getMailServer, { params: { org } }, signal),
  });
  return (
    <Paper component="section" withBorder p="md" mt="lg" maw="36rem" aria-label={m.title}>
      <Stack gap="md">
        <div>
          <Title order={2}>{m.title}</Title>
          <Text size="sm" c="dimmed">
            {m.intro}
          </Text>
        </div>
        {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data && <Standing state={data} />}
        {data && mayChange && <Acts state={data} onOpen={setOpen} />}
        {!mayChange && (
          <Text size="sm" c="dimmed">
            {m.readOnly}
          </Text>
        )}
      </Stack>
      {open === "edit" && <MailServerDialog server={data?.server} onClose={() => setOpen(undefined)} />}
      {open === "remove" && <RemoveDialog onClose={() => setOpen(undefined)} />}
    </Paper>
  );
}

interface ActsProps {
  readonly state: MailServerState;
  readonly onOpen: (dialog: "edit" | "remove") => void;
}

function Acts({ state: { server, source }, onOpen }: ActsProps) {
  const m = useMessages(messages);
  return (
    <>
      <Group gap="xs">
        <Button variant="default" onClick={() => onOpen("edit")}>
          {server ? m.change : m.set}
        </Button>
        {server && (
          <Button variant="default" onClick={() => onOpen("remove")}>
            {m.remove}
          </Button>
        )}
      </Group>
      {source !== "none" && <MailTest server={undefined} />}
    </>
  );
}

function Standing({ state: { source, server, lastOkAt, failingSince, problem = "" } }: { readonly state: MailServerState }) {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(seconds(30));
  return (
    <>
      {failingSince !== undefined && (
        <Alert variant="outline" color="red">
          {m.failing({ ago: format.ago(unixMs(failingSince), now), problem })}
        </Alert>
      )}
      {source === "none" ? (
        <Alert variant="outline" color="yellow">
          {m["source-none"]}
        </Alert>
      ) : (
        <Text size="sm">
          {m[`source-${source}`]} {lastOkAt !== undefined && m.lastOk({ ago: format.ago(unixMs(lastOkAt), now) })}
        </Text>
      )}
      {server && (
        <Stack gap={2}>
          <Fact label={m.host}>{`${server.host}:${server.port} · ${m[`security-${server.security}`]}`}</Fact>
          {server.userName !== "" && <Fact label={m.userName}>{server.userName}</Fact>}
          <Fact label={m.fromAddress}>{server.fromName === "" ? server.fromAddress : `${server.fromName} <${server.fromAddress}>`}</Fact>
        </Stack>
      )}
    </>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      <Text span inherit c="dimmed">
        {label}
        {": "}
      </Text>
      {children}
    </Text>
  );
}

function RemoveDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    client.setQueryData([org, "mail-server"], await call(removeMailServer, { params: { org } }));
    toasts.show({ text: m.removed });
  };
  return <ConfirmDialog title={m.removeTitle} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />;
}
