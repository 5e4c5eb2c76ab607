import { ActionIcon, Alert, Box, Button, CopyButton, Stack, Textarea, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconInfoCircle, IconKey } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createKey } from "#wire/keys";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";
import { collectorLines, prometheusLines, sdkLines } from "./texts.ts";

/** The lines that make others send here, with a key that is made on the spot. */
export function ConnectSection() {
  const m = useMessages(messages);
  const mayMakeKeys = useMay("key.change");
  const { secret, problem, isBusy, make } = useNewKey();
  const { origin } = globalThis.location;
  const key = secret ?? m.keyPlaceholder;
  const button = mayMakeKeys && secret === undefined && (
    <Button variant="default" leftSection={<IconKey aria-hidden size={18} />} loading={isBusy} onClick={make}>
      {m.makeKey}
    </Button>
  );
  return (
    <PageSection title={m.connect} hint={mayMakeKeys ? m.connectHint : m.askForKey} actions={button}>
      <Stack maw="46rem">
        <FormProblem problem={problem} />
        {secret !== undefined && (
          <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
            {m.keyOnce}
          </Alert>
        )}
        <Lines label={m.prometheusLines} text={prometheusLines(origin, key)} />
        <Lines label={m.otelLines} text={sdkLines(origin, key)} />
        <Lines label={m.collectorLines} text={collectorLines(origin, key)} />
      </Stack>
    </PageSection>
  );
}

/** A key that may read and write: whoever sends metrics may register hosts. */
function useNewKey() {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [secret, setSecret] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await call(createKey, { params: { org }, body: { name: m.keyName, rights: "read-write" } });
      setSecret(made.secret);
      await client.invalidateQueries({ queryKey: [org, "keys"] });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return { secret, problem, isBusy, make: () => void make() };
}

function Lines({ label, text }: { readonly label: string; readonly text: string }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  return (
    <Box pos="relative">
      <Textarea
        label={label}
        value={text}
        readOnly
        rows={text.split("\n").length + 1} // one for the scroll bar of long lines
        spellCheck={false}
        wrap="off"
        styles={monospace}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? kit.copied : kit.copy} withArrow>
            <ActionIcon variant="subtle" pos="absolute" top={-4} right={0} aria-label={m.copyLines({ name: label })} onClick={copy}>
              {copied ? <IconCheck aria-hidden size={18} /> : <IconCopy aria-hidden size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Box>
  );
}

const monospace = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "var(--mantine-font-size-xs)" } } as const;
