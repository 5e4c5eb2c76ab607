import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { IconInfoCircle, IconKey } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createKey } from "#wire/keys";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { CopyField } from "../../kit/CopyField.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { installLine } from "./install-line.ts";
import { messages } from "./messages.ts";

/** Stands in the command until there is a key. */
const keyPlaceholder = "YOUR-API-KEY";

/** How a machine becomes a host, in three steps. */
export function InstallSteps() {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const mayCreateKey = useMay("key.change");
  const [key, setKey] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { origin } = window.location;
  const create = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { secret } = await call(createKey, { params: { org }, body: { name: m.agentKeyName, rights: "read-write" } });
      setKey(secret);
      await client.invalidateQueries({ queryKey: [org, "keys"] });
    } catch (error) {
      setProblem(problemText(error));
    }
    setBusy(false);
  };
  return (
    <Stack gap="md" ta="left" maw="42rem" w="100%">
      <List type="ordered" spacing="sm" size="sm">
        <List.Item>
          {mayCreateKey ? m.installStepKey : m.installOwnKey}
          {mayCreateKey && key === undefined && (
            <div>
              <Button
                size="compact-sm"
                mt={6}
                variant="default"
                loading={isBusy}
                leftSection={<IconKey aria-hidden size={16} />}
                onClick={() => void create()}
              >
                {m.installKeyFor}
              </Button>
            </div>
          )}
        </List.Item>
        <List.Item>{m.installStepRun}</List.Item>
        <List.Item>{m.installStepWait}</List.Item>
      </List>
      <FormProblem problem={problem} />
      {key !== undefined && (
        <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
          {m.installKeyIn}
        </Alert>
      )}
      <CopyField label={m.installCommand} value={installLine(origin, key ?? keyPlaceholder)} />
      <Text size="sm">{m.installMackerel}</Text>
      <CopyField label={m.installMackerelLabel} value={`apibase = "${origin}/"`} />
    </Stack>
  );
}
