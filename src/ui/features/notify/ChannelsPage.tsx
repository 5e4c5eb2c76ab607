import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconBellOff, IconMailOff, IconPlus, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { unixMs } from "#base/duration";
import type { Channel } from "#wire/notify";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { ChannelActions } from "./ChannelActions.tsx";
import { ChannelDialog } from "./ChannelDialog.tsx";
import { stateOf, stateTones, targetOf } from "./channel-state.ts";
import { DeliveriesSection } from "./DeliveriesSection.tsx";
import { messages } from "./messages.ts";
import { useChannels, useMemberNames } from "./use-channels.ts";

/** All channels, how they do, and what went through them. */
export function ChannelsPage() {
  const m = useMessages(messages);
  const mayChange = useMay("channel.change");
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = useChannels();
  const columns = useColumns();
  const add = mayChange && (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setAdding(true)}>
      {m.add}
    </Button>
  );
  const channels = data?.channels;
  return (
    <>
      <PageHeader title={m.title} intro={m.intro}>
        {channels && channels.length > 0 && add}
      </PageHeader>
      <Stack gap="lg">
        {channels && <Warnings channels={channels} mail={data.mail} mailProblem={data.mailProblem} />}
        <DataTable
          caption={m.title}
          columns={columns}
          rows={channels}
          rowKey={({ id }) => id}
          rowLabel={({ name }) => name}
          isMarked={(channel) => stateOf(channel) === "suspended"}
          error={error}
          onRetry={() => void refetch()}
          csvName="channels.csv"
          empty={
            <EmptyState title={m.none} hint={m.noneHint} icon={<IconSend aria-hidden size={32} />}>
              {add}
            </EmptyState>
          }
        />
        <DeliveriesSection channels={channels ?? []} />
      </Stack>
      {isAdding && <ChannelDialog channel={undefined} onClose={() => setAdding(false)} />}
    </>
  );
}

interface WarningsProps {
  readonly channels: readonly Channel[];
  readonly mail: "ok" | "none" | "failing";
  readonly mailProblem: string | undefined;
}

/** What keeps messages from arriving stands above everything else. */
function Warnings({ channels, mail, mailProblem }: WarningsProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const suspended = channels.filter((channel) => stateOf(channel) === "suspended");
  return (
    <>
      {suspended.length > 0 && (
        <Alert variant="outline" color="red" icon={<IconBellOff aria-hidden />}>
          <Text size="sm" fw={600}>
            {m.suspendedTitle({ count: format.count(suspended.length) })}
          </Text>
          {m.suspendedText({ names: suspended.map(({ name }) => name).join(", ") })}
        </Alert>
      )}
      {mail !== "ok" && (
        <Alert variant="outline" color="yellow" icon={<IconMailOff aria-hidden />}>
          <Text size="sm" fw={600}>
            {m.mailTitle}
          </Text>
          {mail === "none" ? m.mailNone : mailProblem}{" "}
          <AnchorLink to="/o/$org/settings" params={{ org }} size="sm" underline="always">
            {m.mailToSettings}
          </AnchorLink>
        </Alert>
      )}
    </>
  );
}

function useColumns(): readonly Column<Channel>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const members = useMemberNames();
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      cell: ({ name }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {name}
        </Text>
      ),
      sortValue: ({ name }) => name,
      csv: ({ name }) => name,
    },
    { key: "kind", header: m.kind, cell: ({ type }) => m[`type-${type}`], sortValue: ({ type }) => type, csv: ({ type }) => type },
    {
      key: "target",
      header: m.target,
      cell: (channel) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {targetOf(channel, members)}
        </Text>
      ),
      csv: (channel) => targetOf(channel, members),
    },
    {
      key: "state",
      header: m.state,
      cell: (channel) => <ChannelStateCell channel={channel} />,
      sortValue: stateOf,
      csv: stateOf,
    },
    {
      key: "last",
      header: m.last,
      cell: ({ lastAt }) => <TimeCell at={lastAt === undefined ? undefined : unixMs(lastAt)} absent={m.neverUsed} />,
      sortValue: ({ lastAt = 0 }) => lastAt,
    },
    { key: "actions", header: kit.actions, isHeaderHidden: true, align: "end", cell: (channel) => <ChannelActions channel={channel} /> },
  ];
}

function ChannelStateCell({ channel }: { readonly channel: Channel }) {
  const m = useMessages(messages);
  const state = stateOf(channel);
  const why = state === "suspended" ? channel.suspendedBecause : state === "failing" ? channel.lastProblem : undefined;
  return (
    <Stack gap={2} maw="22rem">
      <StateCell tone={stateTones[state]} label={m[`state-${state}`]} />
      {why !== undefined && why !== "" && (
        <Text size="xs" style={{ overflowWrap: "anywhere" }}>
          {why}
        </Text>
      )}
    </Stack>
  );
}
