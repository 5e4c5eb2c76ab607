import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { testSmsSender, type SmsSenderInput } from "#wire/sms";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { messages } from "./sms-messages.ts";

interface Outcome {
  readonly isOk: boolean;
  readonly text: string;
}

/** @param sender as it is typed; the one that is set when undefined */
export function SmsTest({ sender }: { readonly sender: SmsSenderInput | undefined }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [to, setTo] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { to: to.trim(), ...(sender ? { sender } : {}) };
      const { ok, problem = "", millis, segments = 1 } = await call(testSmsSender, { params: { org }, body });
      const told = { millis: format.count(millis), segments: format.count(segments) };
      setOutcome({ isOk: ok, text: ok ? m.tested(told) : m.testFailed({ problem }) });
    } catch (error) {
      setOutcome({ isOk: false, text: problemText(error) });
    } finally {
      setBusy(false);
    }
    await client.invalidateQueries({ queryKey: [org, "sms"] });
  };
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput flex={1} label={m.testTo} type="tel" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
        <Button variant="default" loading={isBusy} disabled={to.trim() === ""} onClick={() => void run()}>
          {m.test}
        </Button>
      </Group>
      <div role="status">
        {outcome && (
          <Alert variant="outline" color={outcome.isOk ? "green" : "red"}>
            {outcome.text}
          </Alert>
        )}
      </div>
    </Stack>
  );
}
