import { Badge, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { listMembers, type Member } from "#wire/identity";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation, useSession } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { MemberMenu } from "./MemberMenu.tsx";
import { messages } from "./people-messages.ts";
import { useRoleNames } from "./role-messages.ts";

const pageSize = 50;
const tones: Readonly<Record<Member["state"], Tone>> = { active: "good", suspended: "attention", left: "off" };

/** The members, paged and searched on the server. */
export function MembersTable() {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const roles = useRoleNames();
  const call = useCall();
  const org = useOrganisation().name;
  const { person } = useSession();
  const mayChange = useMay("member.change");
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  const query = { limit: pageSize, offset: (page - 1) * pageSize, ...(text === "" ? {} : { text }) };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "members", query],
    queryFn: ({ signal }) => call(listMembers, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
  });
  const stateNames: Readonly<Record<Member["state"], string>> = { active: m.active, suspended: m.suspended, left: m.left };
  const columns: Column<Member>[] = [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      csv: (member) => member.name,
      cell: (member) => (
        <Group gap="xs">
          {member.name}
          {member.id === person.id && (
            <Badge variant="light" tt="none">
              {m.you}
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "email", header: m.email, csv: (member) => member.email, cell: (member) => member.email },
    { key: "role", header: m.role, csv: (member) => member.role, cell: (member) => roles.name(member.role) },
    {
      key: "state",
      header: m.state,
      csv: (member) => member.state,
      cell: (member) =>
        member.lockedUntil === undefined ? (
          <StateCell tone={tones[member.state]} label={stateNames[member.state]} />
        ) : (
          <StateCell tone="bad" label={m.locked} />
        ),
    },
    { key: "joined", header: m.joined, cell: (member) => <TimeCell at={unixMs(member.joinedAt)} /> },
    {
      key: "lastSignedIn",
      header: m.lastSignedIn,
      cell: (member) => <TimeCell at={member.lastSignedInAt === undefined ? undefined : unixMs(member.lastSignedInAt)} />,
    },
  ];
  if (mayChange) {
    columns.push({
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (member) => (member.id === person.id ? undefined : <MemberMenu member={member} />),
    });
  }
  return (
    <section aria-label={m.members}>
      <SearchField
        label={m.searchMembers}
        value={text}
        onChange={(next) => {
          setText(next);
          setPage(1);
        }}
      />
      <DataTable
        caption={m.members}
        columns={columns}
        rows={data?.members}
        rowKey={(member) => member.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noMembers}</NothingThere>}
        csvName={m.members}
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
    </section>
  );
}
