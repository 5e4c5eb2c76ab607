import { ActionIcon, Group, Text } from "@mantine/core";
import { IconEdit } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listSpokenNames, type SpokenKind } from "#wire/speech";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { messages } from "./messages.ts";
import { PlayButton } from "./PlayButton.tsx";
import { ReadingDialog } from "./ReadingDialog.tsx";
import { useHearing } from "./use-hearing.ts";

export interface NameReadingProps {
  readonly kind: SpokenKind;
  /** Absent: found by its name, which is unique among services. */
  readonly id?: string;
  readonly name: string;
}

/** How calls say a name, on the page of what has it. */
export function NameReading({ kind, id, name }: NameReadingProps) {
  const m = useMessages(messages);
  const call = useCall();
  const hear = useHearing();
  const org = useOrganisation().name;
  const mayChange = useMay("speech.change");
  const [isEditing, setEditing] = useState(false);
  const query = { kind, limit: 200, ...(id === undefined ? { text: name } : { id }) };
  const { data } = useQuery({
    queryKey: [org, "spoken-names", query],
    queryFn: ({ signal }) => call(listSpokenNames, { params: { org }, query }, signal),
  });
  const named = data?.names.find((one) => id !== undefined || one.name === name);
  if (!named) return undefined;
  return (
    <Group gap={4} wrap="nowrap" component="span">
      {named.reading === "" ? (
        <Text span inherit c="dimmed">
          {m.asWritten}
        </Text>
      ) : (
        <span lang="ja">{named.reading}</span>
      )}
      <PlayButton label={m.hearSentence({ sentence: named.name })} load={() => hear(named.name, "ja")} />
      {mayChange && (
        <ActionIcon variant="subtle" aria-label={m.setReading({ name: named.name })} onClick={() => setEditing(true)}>
          <IconEdit aria-hidden size={18} />
        </ActionIcon>
      )}
      {isEditing && <ReadingDialog named={named} onClose={() => setEditing(false)} />}
    </Group>
  );
}
