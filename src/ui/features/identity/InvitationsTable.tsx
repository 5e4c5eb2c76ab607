import { Button, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { listInvitations, revokeInvitation, type Invitation } from "#wire/identity";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { Dash, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { messages } from "./people-messages.ts";
import { useRoleNames } from "./role-messages.ts";

/** Invitations that nobody has accepted yet. */
export function InvitationsTable() {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const roles = useRoleNames();
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "invitations"],
    queryFn: ({ signal }) => call(listInvitations, { params: { org }, query: { limit: 200 } }, signal),
  });
  const withdraw = async ({ id }: Invitation): Promise<void> => {
    try {
      await call(revokeInvitation, { params: { org, id } });
      toasts.show({ text: m.withdrawn });
    } catch (problem) {
      toasts.show({ kind: "problem", text: problemText(problem) });
    }
    await client.invalidateQueries({ queryKey: [org, "invitations"] });
  };
  const columns: readonly Column<Invitation>[] = [
    { key: "email", header: m.email, isRowHeader: true, cell: (invitation) => invitation.email },
    { key: "role", header: m.role, cell: (invitation) => roles.name(invitation.role) },
    { key: "invitedBy", header: m.invitedBy, cell: (invitation) => invitation.invitedByName ?? <Dash /> },
    { key: "expires", header: m.expires, cell: (invitation) => <TimeCell at={unixMs(invitation.expiresAt)} /> },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (invitation) => (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={m.withdrawOf({ email: invitation.email })}
          onClick={() => void withdraw(invitation)}
        >
          {m.withdraw}
        </Button>
      ),
    },
  ];
  return (
    <section aria-label={m.invitations}>
      <Title order={2} mt="xl" mb="xs">
        {m.invitations}
      </Title>
      <DataTable
        caption={m.invitations}
        columns={columns}
        rows={data?.invitations}
        rowKey={(invitation) => invitation.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noInvitations}</NothingThere>}
      />
    </section>
  );
}
