import { Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { listRoleMembers, type RoleMember } from "#wire/services";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { HostCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { hostName } from "./host-name.ts";
import { HostStateCell } from "./HostStateCell.tsx";
import { messages } from "./service-messages.ts";

const pageSize = 50;

/** The hosts that belong or belonged to a role, with when. */
export function RoleMembers({ service, role }: { readonly service: string; readonly role: string }) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const [page, setPage] = useState(1);
  const query = { limit: pageSize, offset: (page - 1) * pageSize };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "service", service, "members", role, query],
    queryFn: ({ signal }) => call(listRoleMembers, { params: { org, service, role }, query }, signal),
    placeholderData: keepPreviousData,
  });
  const intervalText = ({ from, to }: RoleMember["during"][number]): string =>
    to === undefined
      ? m.sinceThen({ from: format.dateTime(unixMs(from)) })
      : m.until({ from: format.dateTime(unixMs(from)), to: format.dateTime(unixMs(to)) });
  const columns: readonly Column<RoleMember>[] = [
    {
      key: "host",
      header: m.host,
      isRowHeader: true,
      csv: hostName,
      cell: (member) => <HostCell org={org} id={member.id} name={hostName(member)} />,
    },
    {
      key: "status",
      header: m.status,
      csv: (member) => (member.isRetired ? "retired" : member.status),
      cell: (member) => <HostStateCell {...member} />,
    },
    {
      key: "during",
      header: m.since,
      csv: (member) => member.during.map(intervalText).join("; "),
      cell: (member) => (
        <Stack gap={0}>
          {member.during.map((interval) => (
            <span key={interval.from}>{intervalText(interval)}</span>
          ))}
        </Stack>
      ),
    },
  ];
  return (
    <section aria-label={m.members}>
      <Title order={2} mt="xl">
        {m.members}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {m.membersIntro}
      </Text>
      <DataTable
        caption={m.members}
        columns={columns}
        rows={data?.members}
        rowKey={(member) => member.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noMembers}</NothingThere>}
        csvName={`${service}-${role}`}
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
    </section>
  );
}
