import { Code, NativeSelect, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewChannel, type ChannelPreview } from "#wire/notify";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { bodyOf, type ChannelValues } from "./channel-form.ts";
import { messages } from "./messages.ts";

const examples = ["opened", "taken", "resolved"] as const;
type Example = (typeof examples)[number];

/** What the channel as it is typed would show. */
export function ChannelPreviewPane({ values }: { readonly values: ChannelValues }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [example, setExample] = useState<Example>("opened");
  const channel = { ...bodyOf(values), name: values.name.trim() === "" ? m.example : values.name.trim() };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "channel-preview", channel, example],
    queryFn: ({ signal }) => call(previewChannel, { params: { org }, body: { channel, example } }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="xs">
      <NativeSelect
        label={m.example}
        value={example}
        data={examples.map((value) => ({ value, label: m[`example-${value}`] }))}
        onChange={(event) => setExample(examples.find((one) => one === event.currentTarget.value) ?? "opened")}
      />
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && <Shown preview={data} />}
    </Stack>
  );
}

function Shown({ preview: { subject, text, html, body } }: { readonly preview: ChannelPreview }) {
  const m = useMessages(messages);
  return (
    <>
      {subject !== undefined && (
        <Text size="sm">
          <b>{m.subject}</b> {subject}
        </Text>
      )}
      {html !== undefined && (
        // Nothing in it runs, and it reaches nothing of this page.
        <iframe
          title={m.previewMail}
          sandbox=""
          srcDoc={html}
          style={{ width: "100%", height: "22rem", border: "1px solid var(--mantine-color-default-border)" }}
        />
      )}
      {html === undefined && text !== undefined && (
        <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} tabIndex={0} aria-label={m.preview}>
          {text}
        </Code>
      )}
      {body !== undefined && (
        <Code block mah="20rem" style={{ overflow: "auto" }} tabIndex={0} aria-label={m.previewBody}>
          {body}
        </Code>
      )}
    </>
  );
}
