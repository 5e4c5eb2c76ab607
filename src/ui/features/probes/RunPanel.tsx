import { Alert, Group, Loader, Stack, Text } from "@mantine/core";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { messages } from "./messages.ts";
import { OutcomePanel } from "./OutcomePanel.tsx";
import type { Running } from "./use-run.ts";

/** A probe as it goes, and what it found. */
export function RunPanel({ running: { run, error } }: { readonly running: Running }) {
  const m = useMessages(messages);
  const problemText = useProblemText();
  return (
    <Stack gap="sm" role="status" w="100%">
      {error !== undefined && (
        <Alert variant="outline" color="red">
          {problemText(error)}
        </Alert>
      )}
      {run?.state === "expired" && (
        <Alert variant="outline" color="red">
          {m.expired}
        </Alert>
      )}
      {(run?.state === "running" || run?.state === "waiting") && (
        <Group gap="xs">
          <Loader size="xs" aria-hidden />
          <Text size="sm">{run.state === "waiting" ? m.waiting : m.running}</Text>
        </Group>
      )}
      {run && <OutcomePanel outcome={run.outcome} steps={run.steps} />}
    </Stack>
  );
}
