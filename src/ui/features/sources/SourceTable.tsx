import { ActionIcon, Anchor, Menu, Stack, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { unixMs } from "#base/duration";
import { muteSource, type Source, type SourceState } from "#wire/sources";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";
import { useRefreshSources } from "./use-sources.ts";

export type SourceAct = "edit" | "signals" | "mute" | "renew" | "drop" | "delete";

const tones: Readonly<Record<SourceState, Tone>> = {
  waiting: "waiting",
  ok: "good",
  unread: "attention",
  missed: "bad",
  failing: "bad",
  muted: "off",
};

interface SourceTableProps {
  readonly caption: string;
  readonly isHeartbeat: boolean;
  readonly sources: readonly Source[] | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly onAct: (act: SourceAct, source: Source) => void;
  readonly empty: ReactNode;
}

/** Sources or heartbeats, with what came last and what is open. */
export function SourceTable({ caption, isHeartbeat, sources, error, onRetry, onAct, empty }: SourceTableProps) {
  const columns = useColumns(isHeartbeat, onAct);
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={sources}
      rowKey={(source) => source.id}
      rowLabel={(source) => source.name}
      isMarked={({ state }) => state === "missed" || state === "unread" || state === "failing"}
      error={error}
      onRetry={onRetry}
      empty={empty}
    />
  );
}

function useColumns(isHeartbeat: boolean, onAct: SourceTableProps["onAct"]): readonly Column<Source>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  return [
    { key: "name", header: m.name, isRowHeader: true, cell: (source) => <NameCell source={source} /> },
    isHeartbeat
      ? { key: "every", header: m.every, cell: (source) => <EveryCell source={source} /> }
      : { key: "kind", header: m.kind, cell: ({ kind }) => m[`kind-${kind}`] },
    { key: "state", header: m.state, cell: (source) => <SourceStateCell source={source} /> },
    {
      key: "last",
      header: isHeartbeat ? m.lastBeat : m.last,
      cell: ({ lastAt }) => <TimeCell at={lastAt === undefined ? undefined : unixMs(lastAt)} />,
    },
    { key: "open", header: m.open, align: "end", cell: ({ openAlerts }) => format.count(openAlerts) },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (source) => <SourceMenu source={source} onAct={(act) => onAct(act, source)} />,
    },
  ];
}

function NameCell({ source: { name, memo, service } }: { readonly source: Source }) {
  const more = [service, memo].filter((text) => text !== undefined && text !== "").join(" · ");
  return (
    <Stack gap={0} miw={0}>
      <Text span inherit style={{ overflowWrap: "anywhere" }}>
        {name}
      </Text>
      {more !== "" && (
        <Text span size="xs" c="dimmed" lineClamp={2}>
          {more}
        </Text>
      )}
    </Stack>
  );
}

/** The largest unit in which a length is a whole number. */
function useLengthText(): (seconds: number) => string {
  const m = useMessages(messages);
  return (seconds) => {
    if (seconds > 0 && seconds % 86_400 === 0) return m.days({ count: seconds / 86_400 });
    if (seconds > 0 && seconds % 3600 === 0) return m.hours({ count: seconds / 3600 });
    return seconds % 60 === 0 ? m.minutes({ count: seconds / 60 }) : m.seconds({ count: seconds });
  };
}

function EveryCell({ source: { beat } }: { readonly source: Source }) {
  const m = useMessages(messages);
  const lengthText = useLengthText();
  return beat && m.everyText({ interval: lengthText(beat.intervalSeconds), grace: lengthText(beat.graceSeconds) });
}

function SourceStateCell({ source: { state, mutedUntil, muteReason, problem } }: { readonly source: Source }) {
  const m = useMessages(messages);
  const format = useFormat();
  return (
    <Stack gap={0} align="flex-start">
      <StateCell tone={tones[state]} label={m[`state-${state}`]} />
      {state === "failing" && (
        <Text span size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {problem}
        </Text>
      )}
      {mutedUntil !== undefined && (
        <Text span size="xs" c="dimmed">
          {[m.mutedUntil({ time: format.dateTime(unixMs(mutedUntil)) }), muteReason].filter((text) => text !== undefined).join(" · ")}
        </Text>
      )}
    </Stack>
  );
}

interface SourceMenuProps {
  readonly source: Source;
  readonly onAct: (act: SourceAct) => void;
}

function SourceMenu({ source, onAct }: SourceMenuProps) {
  const m = useMessages(messages);
  const mayChange = useMay("source.change");
  const unmute = useUnmute(source);
  const isHeartbeat = source.kind === "heartbeat";
  if (!mayChange) {
    return (
      !isHeartbeat && (
        <Anchor component="button" type="button" size="sm" onClick={() => onAct("signals")}>
          {m.showMessages}
        </Anchor>
      )
    );
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={m.actions({ name: source.name })}>
          <IconDots aria-hidden size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isHeartbeat && <Menu.Item onClick={() => onAct("signals")}>{m.showMessages}</Menu.Item>}
        <Menu.Item onClick={() => onAct("edit")}>{m.edit}</Menu.Item>
        {source.state === "muted" ? (
          <Menu.Item onClick={() => void unmute()}>{m.unmute}</Menu.Item>
        ) : (
          <Menu.Item onClick={() => onAct("mute")}>{m.mute}</Menu.Item>
        )}
        {source.kind !== "mail" && (
          <Menu.Item onClick={() => onAct(source.hasSecondAddress ? "drop" : "renew")}>
            {source.hasSecondAddress ? m.drop : m.renew}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => onAct("delete")}>
          {m.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useUnmute({ id, name }: Source): () => Promise<void> {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  return async () => {
    try {
      await call(muteSource, { params: { org, id }, body: {} });
      toasts.show({ text: m.unmuted({ name }) });
      await refresh();
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
  };
}
