import { Alert, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { seconds, unixMs } from "#base/duration";
import { getSmsSender, removeSmsSender, type SmsMessage, type SmsState } from "#wire/sms";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { messages } from "./sms-messages.ts";
import { SmsDialog } from "./SmsDialog.tsx";
import { SmsTest } from "./SmsTest.tsx";

/** Who carries short messages, what they cost, what became of the last ones, and a test. */
export function SmsCard() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("line.change");
  const [open, setOpen] = useState<"edit" | "remove">();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "sms"],
    queryFn: ({ signal }) => call(getSmsSender, { params: { org } }, signal),
  });
  return (
    <Paper component="section" withBorder p="md" maw="36rem" aria-label={m.title}>
      <Stack gap="md">
        <div>
          <Title order={2}>{m.title}</Title>
          <Text size="sm" c="dimmed">
            {m.intro}
          </Text>
        </div>
        {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data && <Standing state={data} />}
        {data && mayChange && <Acts hasSender={data.sender !== undefined} onOpen={setOpen} />}
        {data && data.recent.length > 0 && <Recent messages={data.recent} />}
        {!mayChange && (
          <Text size="sm" c="dimmed">
            {m.readOnly}
          </Text>
        )}
      </Stack>
      {open === "edit" && <SmsDialog sender={data?.sender} onClose={() => setOpen(undefined)} />}
      {open === "remove" && <RemoveDialog onClose={() => setOpen(undefined)} />}
    </Paper>
  );
}

interface ActsProps {
  readonly hasSender: boolean;
  readonly onOpen: (dialog: "edit" | "remove") => void;
}

function Acts({ hasSender, onOpen }: ActsProps) {
  const m = useMessages(messages);
  return (
    <>
      <Group gap="xs">
        <Button variant="default" onClick={() => onOpen("edit")}>
          {hasSender ? m.change : m.set}
        </Button>
        {hasSender && (
          <Button variant="default" onClick={() => onOpen("remove")}>
            {m.remove}
          </Button>
        )}
      </Group>
      {hasSender && <SmsTest sender={undefined} />}
    </>
  );
}

function Standing({ state: { sender, failingSince, problem = "", hearsBack, month } }: { readonly state: SmsState }) {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(seconds(30));
  const cost = month.cost === undefined ? "" : m.cost({ cost: format.count(month.cost), currency: month.currency ?? "" });
  const told = { messages: format.count(month.messages), segments: format.count(month.segments), cost };
  return (
    <>
      {failingSince !== undefined && (
        <Alert variant="outline" color="red">
          {m.failing({ ago: format.ago(unixMs(failingSince), now), problem })}
        </Alert>
      )}
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {sender ? `${m[`kind-${sender.kind}`]} · ${m.from}: ${sender.from}` : m.none}
      </Text>
      {month.messages > 0 && <Text size="sm">{m.month(told)}</Text>}
      {sender && !hearsBack && (
        <Text size="sm" c="dimmed">
          {m.deaf}
        </Text>
      )}
    </>
  );
}

const tones: Readonly<Record<SmsMessage["state"], Tone>> = { sent: "waiting", delivered: "good", failed: "bad" };

function Recent({ messages: recent }: { readonly messages: readonly SmsMessage[] }) {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(seconds(30));
  const encodings = { "gsm-7": "GSM-7", "ucs-2": "UCS-2" } as const;
  return (
    <div>
      <Text size="sm" fw={600} component="h3">
        {m.recent}
      </Text>
      <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: "none" }}>
        {recent.slice(0, 5).map((one) => (
          <Group component="li" key={`${one.at}${one.number}`} gap="xs" justify="space-between">
            <Text size="sm">
              {[
                one.personName ?? one.number,
                format.ago(unixMs(one.at), now),
                m.parts({ segments: format.count(one.segments), encoding: encodings[one.encoding] }),
              ].join(" · ")}
            </Text>
            <StateCell tone={tones[one.state]} label={m[`state-${one.state}`]} />
            {one.problem !== undefined && (
              <Text size="sm" c="dimmed" w="100%" style={{ overflowWrap: "anywhere" }}>
                {one.problem}
              </Text>
            )}
          </Group>
        ))}
      </Stack>
    </div>
  );
}

function RemoveDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    client.setQueryData([org, "sms"], await call(removeSmsSender, { params: { org } }));
    toasts.show({ text: m.removed });
  };
  return <ConfirmDialog title={m.removeTitle} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />;
}
