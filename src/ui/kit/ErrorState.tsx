import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { CallError } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";

/** What stands where content would be when it could not be had: what happened, and a way on. */
export function ErrorState({
  error,
  onRetry,
  title,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  readonly title?: string;
}) {
  const m = useMessages(kitMessages);
  const problemText = useProblemText();
  const requestId = error instanceof CallError ? error.requestId : undefined;
  return (
    <Alert role="alert" color="red" variant="outline" icon={<IconAlertTriangle aria-hidden />} title={title ?? m.errorTitle} my="md">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problemText(error)}</Text>
        <Group gap="md">
          {onRetry !== undefined && (
            <Button size="xs" variant="default" onClick={onRetry}>
              {m.retry}
            </Button>
          )}
          {requestId !== undefined && <Code>{m.requestId({ id: requestId })}</Code>}
        </Group>
      </Stack>
    </Alert>
  );
}
