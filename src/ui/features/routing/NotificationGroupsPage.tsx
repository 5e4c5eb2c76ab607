import { Button, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { AlertGroupSection } from "./AlertGroupSection.tsx";
import { FloodSection } from "./FloodSection.tsx";
import { GroupDialog } from "./GroupDialog.tsx";
import { GroupTable } from "./GroupTable.tsx";
import { messages } from "./messages.ts";
import { TryOut } from "./TryOut.tsx";
import { useGroups } from "./use-groups.ts";

/** Which alert goes where. */
export function NotificationGroupsPage() {
  const m = useMessages(messages);
  const mayChange = useMay("channel.change");
  const org = useOrganisation().name;
  const { data, error, refetch } = useGroups();
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title={m.title}
        intro={m.intro}
        crumbs={
          <AnchorLink to="/o/$org/channels" params={{ org }} size="sm">
            {m.channels}
          </AnchorLink>
        }
      >
        {mayChange && data && (
          <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setAdding(true)}>
            {m.add}
          </Button>
        )}
      </PageHeader>
      <Stack gap="xl">
        <GroupTable groups={data?.groups} channels={data?.channels ?? []} error={error} onRetry={() => void refetch()} />
        <TryOut />
        <AlertGroupSection />
        <FloodSection />
      </Stack>
      {isAdding && data && <GroupDialog group={undefined} groups={data.groups} channels={data.channels} onClose={() => setAdding(false)} />}
    </>
  );
}
