import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { Source } from "#wire/sources";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { CopyField } from "../../kit/CopyField.tsx";
import { messages } from "./messages.ts";
import { snippetFor } from "./snippets.ts";

export interface Address {
  readonly source: Source;
  readonly path: string;
}

/** The address of a source, shown this once, with what its sender needs. */
export function AddressDialog({ address: { source, path }, onClose }: { readonly address: Address; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const url = `${globalThis.location.origin}${path}`;
  const snippet = snippetFor(source.kind, url);
  return (
    <Modal
      opened
      onClose={onClose}
      title={m.ready({ name: source.name })}
      size="lg"
      closeButtonProps={{ "aria-label": kit.close }}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <CopyField label={m.address} value={url} />
        <Text size="sm">{m[`where-${source.kind}`]}</Text>
        {snippet !== undefined && (
          <Textarea
            label={m.lines}
            value={snippet}
            readOnly
            autosize
            maxRows={18}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
        <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
          {m.once}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{kit.close}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
