import { Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { InvitationsTable } from "./InvitationsTable.tsx";
import { InviteDialog } from "./InviteDialog.tsx";
import { MembersTable } from "./MembersTable.tsx";
import { messages } from "./people-messages.ts";

/** Members and open invitations of the organisation. */
export function PeoplePage() {
  const m = useMessages(messages);
  const mayInvite = useMay("member.invite");
  const [isInviting, setInviting] = useState(false);
  return (
    <>
      <PageHeader title={m.people} intro={m.peopleIntro}>
        {mayInvite && (
          <Button leftSection={<IconUserPlus aria-hidden size={18} />} onClick={() => setInviting(true)}>
            {m.invite}
          </Button>
        )}
      </PageHeader>
      <MembersTable />
      {mayInvite && <InvitationsTable />}
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}
