import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { connectChatAccount, disconnectChatAccount, getChatInvitation, listChatAccounts, type ChatAccount } from "#wire/acts";
import { CallError, useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation, useSession } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { TimeCell } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { chatNames, messages } from "./messages.ts";

/** Which chat accounts act for whom; with a link's token behind "#", the question whether to connect one. */
export function ChatAccountsPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const token = useRouterState({ select: (state) => state.location.hash });
  const [leaving, setLeaving] = useState<ChatAccount>();
  const columns = useColumns(setLeaving);
  const toasts = useToasts();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "chat-accounts"],
    queryFn: ({ signal }) => call(listChatAccounts, { params: { org } }, signal),
  });
  return (
    <>
      <PageHeader title={m.accountsTitle} intro={m.accountsIntro} />
      <Stack gap="md">
        {token !== "" && <Connect key={token} token={token} />}
        <DataTable
          caption={m.accountsTitle}
          columns={columns}
          rows={data?.accounts}
          rowKey={(account) => account.id}
          error={error}
          onRetry={() => void refetch()}
          empty={<EmptyState title={m.accountsEmpty} hint={m.accountsEmptyHint} icon={<IconPlugConnected aria-hidden size={36} />} />}
        />
      </Stack>
      {leaving && (
        <ConfirmDialog
          title={m.disconnectTitle({ name: leaving.userName })}
          text={m.disconnectText}
          action={m.disconnect}
          isDangerous
          onConfirm={async () => {
            await call(disconnectChatAccount, { params: { org, id: leaving.id } });
            toasts.show({ text: m.disconnected });
            await client.invalidateQueries({ queryKey: [org, "chat-accounts"] });
          }}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </>
  );
}

function useColumns(onDisconnect: (account: ChatAccount) => void): readonly Column<ChatAccount>[] {
  const m = useMessages(messages);
  const own = useSession().person.id;
  const mayAll = useMay("member.change");
  return [
    { key: "user", header: m.userName, isRowHeader: true, sortValue: (one) => one.userName, cell: (one) => one.userName },
    { key: "chat", header: m.chat, cell: (one) => chatNames[one.chat] },
    { key: "person", header: m.person, cell: (one) => one.personName },
    { key: "connected", header: m.connectedAt, cell: (one) => <TimeCell at={unixMs(one.connectedAt)} /> },
    {
      key: "actions",
      header: m.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (one) =>
        mayAll || one.personId === own ? (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={m.disconnectFor({ name: one.userName })}
            onClick={() => onDisconnect(one)}
          >
            {m.disconnect}
          </Button>
        ) : undefined,
    },
  ];
}

/** Asks whether the chat account that the link was shown to is this person's. */
function Connect({ token }: { readonly token: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const { person } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { data, error } = useQuery({
    queryKey: [org, "chat-invitation", token],
    queryFn: ({ signal }) => call(getChatInvitation, { params: { org, token } }, signal),
    retry: false,
  });
  if (error) {
    const isOver = error instanceof CallError && ["gone", "invalid-input", "bad-request"].includes(error.code);
    return (
      <Alert color="yellow" variant="outline" title={m.linkEndedTitle}>
        {isOver ? m.linkEndedText : problemText(error)}
      </Alert>
    );
  }
  if (!data) return undefined;
  const connect = async (): Promise<void> => {
    setBusy(true);
    try {
      await call(connectChatAccount, { params: { org, token } });
      toasts.show({ text: m.connected({ user: data.userName }) });
      await navigate({ to: "/o/$org/chat-accounts", params: { org }, replace: true });
      await client.invalidateQueries({ queryKey: [org, "chat-accounts"] });
    } catch (caught) {
      setProblem(problemText(caught));
      setBusy(false);
    }
  };
  return (
    <Alert color="ai" variant="outline" title={m.connectTitle}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{m.connectText({ user: data.userName, chat: chatNames[data.chat], person: person.name })}</Text>
        <Text size="sm">{m.connectWarning}</Text>
        <FormProblem problem={problem} />
        <Group>
          <Button loading={isBusy} onClick={() => void connect()}>
            {m.connect}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
