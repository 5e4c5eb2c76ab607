import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconCalendarShare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { createFeed, listFeeds, revokeFeed, type Feed } from "#wire/duty-calendars";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { CopyField } from "../../kit/CopyField.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./messages.ts";
import { useRefresh } from "./use-duty.ts";

/** Whose shifts the address is for: a schedule's, or a person's over all schedules. */
export type FeedOwner = { readonly scheduleId: string } | { readonly personId: string };

export function FeedButton(owner: FeedOwner) {
  const m = useMessages(messages);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconCalendarShare aria-hidden size={16} />} onClick={() => setOpen(true)}>
        {m.subscribe}
      </Button>
      {isOpen && <FeedDialog owner={owner} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Makes a secret address for calendar programs, and ends those that are in use. */
function FeedDialog({ owner, onClose }: { readonly owner: FeedOwner; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const [address, setAddress] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const make = async (): Promise<void> => {
    try {
      const { path } = await call(createFeed, { params: { org }, body: owner });
      setAddress(`${window.location.origin}${path}`);
      await refresh();
    } catch (error) {
      setProblem(problemText(error));
    }
  };
  return (
    <Modal opened onClose={onClose} title={m.subscribeTitle} closeButtonProps={{ "aria-label": kit.close }}>
      <Stack gap="md">
        <Text size="sm">{address === undefined ? m.subscribeHint : m.subscribeText}</Text>
        {address === undefined ? (
          <Button w="max-content" onClick={() => void make()} data-autofocus>
            {m.makeAddress}
          </Button>
        ) : (
          <CopyField label={m.address} value={address} />
        )}
        <FormProblem problem={problem} />
        <FeedList owner={owner} />
      </Stack>
    </Modal>
  );
}

function FeedList({ owner }: { readonly owner: FeedOwner }) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "duty", "feeds"],
    queryFn: ({ signal }) => call(listFeeds, { params: { org } }, signal),
  });
  const own = (data?.feeds ?? []).filter((feed) =>
    "scheduleId" in owner ? feed.scheduleId === owner.scheduleId : feed.personId === owner.personId,
  );
  if (own.length === 0) return undefined;
  const revoke = async (id: string): Promise<void> => {
    try {
      await call(revokeFeed, { params: { org, id } });
      toasts.show({ text: m.revoked });
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
    await refresh();
  };
  return (
    <section aria-label={m.feeds}>
      <Text fw={600} size="sm">
        {m.feeds}
      </Text>
      {own.map((feed) => (
        <FeedLine key={feed.id} feed={feed} onRevoke={() => void revoke(feed.id)} />
      ))}
    </section>
  );
}

function FeedLine({ feed, onRevoke }: { readonly feed: Feed; readonly onRevoke: () => void }) {
  const m = useMessages(messages);
  const format = useFormat();
  const made = format.dateTime(unixMs(feed.createdAt));
  const read = feed.lastReadAt === undefined ? m.neverRead : m.lastRead({ time: format.dateTime(unixMs(feed.lastReadAt)) });
  return (
    <Group justify="space-between" gap="xs" mt={6} wrap="nowrap">
      <Text size="sm">{m.feedOf({ name: read, time: made })}</Text>
      <Button size="compact-sm" variant="subtle" color="red" onClick={onRevoke} aria-label={`${m.revoke}: ${made}`}>
        {m.revoke}
      </Button>
    </Group>
  );
}
