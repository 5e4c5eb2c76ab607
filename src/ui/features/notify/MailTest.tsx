import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { testMailServer, type MailServerInput } from "#wire/notify-people";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation, useSession } from "#kit/session";
import { messages } from "./mail-messages.ts";

interface Outcome {
  readonly isOk: boolean;
  readonly text: string;
}

/** @param server as it is typed; the one that is set when undefined */
export function MailTest({ server }: { readonly server: MailServerInput | undefined }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const { person } = useSession();
  const [to, setTo] = useState(person.email);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { to: to.trim(), ...(server ? { server } : {}) };
      const { ok, problem = "", millis } = await call(testMailServer, { params: { org }, body });
      setOutcome({ isOk: ok, text: ok ? m.tested({ millis: format.count(millis) }) : m.testFailed({ problem }) });
    } catch (error) {
      setOutcome({ isOk: false, text: problemText(error) });
    } finally {
      setBusy(false);
    }
    await client.invalidateQueries({ queryKey: [org, "mail-server"] });
  };
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput flex={1} label={m.testTo} type="email" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
        <Button variant="default" loading={isBusy} onClick={() => void run()}>
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
