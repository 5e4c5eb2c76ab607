import { Code, Modal, Stack, Text } from "@mantine/core";
import { unixMs } from "#base/duration";
import type { Signal, SignalEffect, Source } from "#wire/sources";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";
import { useSignals } from "./use-sources.ts";

const tones: Readonly<Record<SignalEffect, Tone>> = {
  taken: "good",
  repeated: "off",
  ignored: "off",
  test: "waiting",
  unread: "attention",
};

/** What came, word for word, and what became of it. */
export function SignalsDialog({ source, onClose }: { readonly source: Source; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const { data, error, refetch } = useSignals(source.id);
  const title = m.messagesOf({ name: source.name });
  const columns: readonly Column<Signal>[] = [
    { key: "received", header: m.received, isRowHeader: true, cell: ({ receivedAt }) => <TimeCell at={unixMs(receivedAt)} isExact /> },
    { key: "effect", header: m.effect, cell: (signal) => <Effect signal={signal} /> },
    { key: "body", header: m.body, cell: (signal) => <Body signal={signal} /> },
  ];
  return (
    <Modal opened onClose={onClose} title={title} size="xl" closeButtonProps={{ "aria-label": kit.close }}>
      <DataTable
        caption={title}
        columns={columns}
        rows={data?.signals}
        rowKey={(signal) => signal.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noMessages}</NothingThere>}
      />
    </Modal>
  );
}

function Effect({ signal: { effect, opened, closed, problem } }: { readonly signal: Signal }) {
  const m = useMessages(messages);
  return (
    <Stack gap={2} align="flex-start" maw="16rem">
      <StateCell tone={tones[effect]} label={m[`effect-${effect}`]} />
      {opened + closed > 0 && (
        <Text span size="xs">
          {m.counts({ opened, closed })}
        </Text>
      )}
      {problem !== undefined && (
        <Text span size="xs" style={{ overflowWrap: "anywhere" }}>
          {problem}
        </Text>
      )}
    </Stack>
  );
}

function Body({ signal: { body, isCut } }: { readonly signal: Signal }) {
  const m = useMessages(messages);
  return (
    <Stack gap={2}>
      <Code block tabIndex={0} mah="10rem" style={{ overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {readable(body)}
      </Code>
      {isCut && (
        <Text span size="xs" c="dimmed">
          {m.bodyCut}
        </Text>
      )}
    </Stack>
  );
}

/** JSON with a member a line; anything else as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 1);
  } catch {
    return body;
  }
}
