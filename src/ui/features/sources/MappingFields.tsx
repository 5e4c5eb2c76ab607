import { Alert, Button, Fieldset, List, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { trySource, type ReadItem } from "#wire/sources";
import { useCall } from "#kit/call";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { mappingOf, type SourceValues } from "./form-values.ts";
import { messages } from "./messages.ts";

type Form = DialogForm<SourceValues>;

/** How messages of any program are read, with a trial on an example. */
export function MappingFields({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const plain = { autoComplete: "off", spellCheck: false } as const;
  return (
    <Fieldset legend={m.mapping}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {m.mappingHint}
        </Text>
        <TextInput {...form.text("items")} {...plain} label={m.items} description={m.itemsHint} />
        <TextInput {...form.text("key")} {...plain} label={m.key} description={m.keyHint} />
        <TextInput {...form.text("title")} {...plain} label={m.titleField} />
        <TextInput {...form.text("message")} {...plain} label={m.message} />
        <TextInput {...form.text("host")} {...plain} label={m.host} description={m.hostHint} />
        <TextInput {...form.text("severityAt")} {...plain} label={m.severityAt} placeholder="/severity" />
        <Textarea
          {...form.text("severityWords")}
          label={m.severityWords}
          description={m.severityWordsHint}
          autosize
          minRows={2}
          spellCheck={false}
        />
        <TextInput {...form.text("closesAt")} {...plain} label={m.closesAt} placeholder="/status" />
        <Textarea {...form.text("closesValues")} label={m.closesValues} placeholder="resolved" autosize minRows={2} spellCheck={false} />
        <Trial values={form.values} />
      </Stack>
    </Fieldset>
  );
}

/** What an example became. */
export interface Tried {
  readonly items: readonly ReadItem[];
  readonly problem: string | undefined;
}

/** Reads an example with what is typed, and keeps nothing. */
function Trial({ values }: { readonly values: SourceValues }) {
  const m = useMessages(messages);
  const call = useCall();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [example, setExample] = useState("");
  const [tried, setTried] = useState<Tried>();
  const run = async (): Promise<void> => {
    try {
      const body = { kind: values.kind, defaultSeverity: values.defaultSeverity, mapping: mappingOf(values), body: example };
      const { items, problem } = await call(trySource, { params: { org }, body });
      setTried({ items, problem });
    } catch (error) {
      setTried({ items: [], problem: problemText(error) });
    }
  };
  return (
    <Stack gap="xs" align="flex-start">
      <Textarea
        w="100%"
        label={m.example}
        description={m.exampleHint}
        value={example}
        onChange={(event) => setExample(event.currentTarget.value)}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      <Button variant="default" disabled={example.trim() === ""} onClick={() => void run()}>
        {m.tryIt}
      </Button>
      <div role="status" style={{ width: "100%" }}>
        {tried && <TriedItems tried={tried} />}
      </div>
    </Stack>
  );
}

export function TriedItems({ tried: { items, problem } }: { readonly tried: Tried }) {
  const m = useMessages(messages);
  if (problem !== undefined) {
    return (
      <Alert variant="outline" color="red">
        {problem}
      </Alert>
    );
  }
  return (
    <Alert variant="outline" color="green" title={m.tried({ count: items.length })}>
      <List size="sm">
        {items.map((item) => (
          <List.Item key={item.key} style={{ overflowWrap: "anywhere" }}>
            {`${item.isOpen ? m.willOpen : m.willClose}: ${item.name} — ${item.message} (${m[`severity-${item.severity}`]}, ${item.key}${item.host === undefined ? "" : `, ${item.host}`})`}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
