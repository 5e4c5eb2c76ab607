import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconPhone, IconPhoneOutgoing, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { unixMs } from "#base/duration";
import type { Line } from "#wire/lines";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { SmsCard } from "../carriers/SmsCard.tsx";
import { CountriesSection } from "./CountriesSection.tsx";
import { LineActions } from "./LineActions.tsx";
import { LineDialog } from "./LineDialog.tsx";
import { messages } from "./messages.ts";
import { useCallMe, useHasNumber, useLines } from "./use-lines.ts";

/** All telephone lines with their lamps, what they cost, and a call to try them. */
export function LinesPage() {
  const m = useMessages(messages);
  const mayChange = useMay("line.change");
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = useLines();
  const columns = useColumns();
  const lines = data?.lines;
  const add = mayChange && (
    <Button
      variant={lines && lines.length > 0 ? "default" : "filled"}
      leftSection={<IconPlus aria-hidden size={18} />}
      onClick={() => setAdding(true)}
    >
      {m.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={m.title} intro={m.intro}>
        {lines && lines.length > 0 && (
          <>
            {add}
            <CallMeButton lines={lines} />
          </>
        )}
      </PageHeader>
      <Stack gap="lg">
        {lines && lines.length > 0 && <NumberHint />}
        <DataTable
          caption={m.title}
          columns={columns}
          rows={lines}
          rowKey={({ id }) => id}
          rowLabel={({ name }) => name}
          isMarked={({ state }) => state === "failed"}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <EmptyState title={m.none} hint={m.noneHint} icon={<IconPhone aria-hidden size={32} />}>
              {add}
            </EmptyState>
          }
        />
        <CountriesSection />
        <SmsCard />
      </Stack>
      {isAdding && <LineDialog line={undefined} onClose={() => setAdding(false)} />}
    </>
  );
}

/** Has the reader called over whichever line is free. */
function CallMeButton({ lines }: { readonly lines: readonly Line[] }) {
  const m = useMessages(messages);
  const mayCall = useMay("call.make");
  const hasNumber = useHasNumber();
  const callMe = useCallMe();
  const [isBusy, setBusy] = useState(false);
  if (!mayCall || hasNumber !== true) return null;
  const run = async (): Promise<void> => {
    setBusy(true);
    await callMe();
    setBusy(false);
  };
  return (
    <Button
      leftSection={<IconPhoneOutgoing aria-hidden size={18} />}
      loading={isBusy}
      disabled={lines.every(({ state }) => state !== "ready")}
      onClick={() => void run()}
    >
      {m.callMe}
    </Button>
  );
}

/** Whoever has no number yet is shown where to enter it. */
function NumberHint() {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const hasNumber = useHasNumber();
  if (hasNumber !== false) return null;
  return (
    <Alert variant="outline" color="yellow" icon={<IconPhone aria-hidden />}>
      {m.noNumber}{" "}
      <AnchorLink to="/o/$org/my-notifications" params={{ org }} inherit underline="always">
        {m.myNumbers}
      </AnchorLink>
    </Alert>
  );
}

const tones: Readonly<Record<Line["state"], Tone>> = { off: "off", connecting: "waiting", ready: "good", failed: "bad" };

function useColumns(): readonly Column<Line>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  return [
    {
      key: "name",
      header: m.line,
      isRowHeader: true,
      cell: ({ name, kind, preset, from, priority }) => (
        <div>
          <Text span inherit fw={600} style={{ overflowWrap: "anywhere" }}>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {[m[`preset-${preset ?? (kind === "sip" ? "account" : kind)}`], from, `${m.priority} ${priority}`].filter(Boolean).join(" · ")}
          </Text>
        </div>
      ),
      sortValue: ({ name }) => name,
    },
    { key: "state", header: m.state, cell: (line) => <Lamp line={line} />, sortValue: ({ state }) => state },
    {
      key: "busy",
      header: m.calls,
      cell: ({ busy, capacity }) => m.capacityOf({ busy: format.count(busy), capacity: format.count(capacity) }),
      sortValue: ({ busy }) => busy,
    },
    { key: "month", header: m.month, cell: (line) => <Month line={line} />, sortValue: ({ usage }) => usage.cost },
    { key: "actions", header: kit.actions, isHeaderHidden: true, align: "end", cell: (line) => <LineActions line={line} /> },
  ];
}

/** Whether a line works at this moment; follows the event stream as everything on the screen. */
function Lamp({ line: { state, problem, registeredUntil } }: { readonly line: Line }) {
  const m = useMessages(messages);
  const format = useFormat();
  const beside =
    state === "failed"
      ? problem
      : registeredUntil === undefined
        ? undefined
        : m.registeredUntil({ until: format.time(unixMs(registeredUntil)) });
  return (
    <Stack gap={2} maw="20rem">
      <StateCell tone={tones[state]} label={m[`state-${state}`]} />
      {beside !== undefined && (
        <Text size="xs" {...(state === "failed" ? {} : { c: "dimmed" })} style={{ overflowWrap: "anywhere" }}>
          {beside}
        </Text>
      )}
    </Stack>
  );
}

function Month({ line: { usage, currency, monthlyCost, monthlyCalls } }: { readonly line: Line }) {
  const m = useMessages(messages);
  const format = useFormat();
  const money =
    currency === undefined
      ? undefined
      : `${format.count(Math.round(usage.cost * 100) / 100)}${monthlyCost === undefined ? "" : ` / ${format.count(monthlyCost)}`} ${currency}`;
  const calls = `${format.count(usage.calls)}${monthlyCalls === undefined ? "" : ` / ${format.count(monthlyCalls)}`}`;
  return (
    <Stack gap={2}>
      <Text span inherit>
        {m.usedCalls({ calls, isOne: usage.calls === 1 && monthlyCalls === undefined, minutes: format.count(usage.minutes) })}
      </Text>
      {money !== undefined && (
        <Text size="xs" c="dimmed">
          {money}
        </Text>
      )}
      {(usage.limit === "near" || usage.limit === "reached") && (
        <StateCell tone={usage.limit === "near" ? "attention" : "bad"} label={m[`limit-${usage.limit}`]} />
      )}
    </Stack>
  );
}
