import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { addTime, days, minutes, unixMs, type UnixMs } from "#base/duration";
import { deleteOverride, listOverrides, type Override, type Schedule } from "#wire/duty";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import type { Format } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { crewOf, type Crew } from "./people.ts";
import { useRefresh } from "./use-duty.ts";

export interface OverridesSectionProps {
  readonly schedule: Schedule;
  readonly from: UnixMs;
  /** In the schedule's zone. */
  readonly format: Format;
}

/** Overrides of the shown time and later. */
export function OverridesSection({ schedule, from, format }: OverridesSectionProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("duty.change");
  const [deleting, setDeleting] = useState<Override>();
  const query = { from, to: addTime(from, days(366)) };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "duty", "overrides", schedule.id, query],
    queryFn: ({ signal }) => call(listOverrides, { params: { org, id: schedule.id }, query }, signal),
  });
  const columns = useColumns(crewOf(data?.people ?? []), format, mayChange ? setDeleting : undefined);
  return (
    <PageSection title={m.overrides} hint={m.overridesHint}>
      <DataTable
        caption={m.overrides}
        columns={columns}
        rows={data?.overrides}
        rowKey={(override) => override.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noOverrides}</NothingThere>}
      />
      {deleting && <DeleteDialog scheduleId={schedule.id} override={deleting} onClose={() => setDeleting(undefined)} />}
    </PageSection>
  );
}

interface DeleteProps {
  readonly scheduleId: string;
  readonly override: Override;
  readonly onClose: () => void;
}

function DeleteDialog({ scheduleId, override, onClose }: DeleteProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteOverride, { params: { org, id: scheduleId, override: override.id } });
    toasts.show({ text: m.overrideDeleted });
    await refresh();
  };
  return (
    <ConfirmDialog
      title={m.deleteOverrideTitle}
      text={m.deleteOverrideText}
      action={m.delete}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}

function useColumns(crew: Crew, format: Format, onDelete: ((override: Override) => void) | undefined): readonly Column<Override>[] {
  const m = useMessages(messages);
  const now = useNow(minutes(1));
  const what = (override: Override): string => {
    const person = crew.nameOf(override.personId);
    if (override.kind === "add") return m.adds({ person });
    if (override.kind === "remove") return m.removes({ person });
    return override.insteadOf === undefined ? m.replacesAll({ person }) : m.replaces({ person, other: crew.nameOf(override.insteadOf) });
  };
  return [
    { key: "what", header: m.override, isRowHeader: true, cell: what },
    { key: "from", header: m.from, cell: (override) => format.dateTime(unixMs(override.from)) },
    { key: "to", header: m.to, cell: (override) => format.dateTime(unixMs(override.to)) },
    {
      key: "reason",
      header: m.reason,
      cell: (override) => [override.swapId === undefined ? "" : m.bySwap, override.reason].filter(Boolean).join(": "),
    },
    ...(onDelete
      ? [
          {
            key: "delete",
            header: m.delete,
            isHeaderHidden: true,
            cell: (override: Override) =>
              override.to > now && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={m.deleteOf({ name: what(override) })}
                  onClick={() => onDelete(override)}
                >
                  <IconTrash aria-hidden size={16} />
                </ActionIcon>
              ),
          },
        ]
      : []),
  ];
}
