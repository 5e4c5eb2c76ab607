import { ActionIcon, Button, Group } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { deleteAbsence, listAbsences, type Absence } from "#wire/duty-calendars";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AbsenceDialog, ImportAbsencesDialog } from "./AbsenceDialogs.tsx";
import { messages } from "./messages.ts";
import { crewOf, type Crew } from "./people.ts";
import { useRefresh } from "./use-duty.ts";

/** Who is away, from now on. */
export function AbsencesSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("duty.change");
  const [open, setOpen] = useState<"add" | "import">();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "duty", "absences"],
    queryFn: ({ signal }) => call(listAbsences, { params: { org }, query: {} }, signal),
  });
  const columns = useColumns(crewOf(data?.people ?? []), mayChange);
  const buttons = mayChange && (
    <Group gap="xs">
      <Button variant="default" size="xs" onClick={() => setOpen("import")}>
        {m.importAbsences}
      </Button>
      <Button variant="default" size="xs" onClick={() => setOpen("add")}>
        {m.addAbsence}
      </Button>
    </Group>
  );
  return (
    <PageSection title={m.absences} hint={m.absencesHint} actions={buttons}>
      <DataTable
        caption={m.absences}
        columns={columns}
        rows={data?.absences}
        rowKey={(absence) => absence.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noAbsences}</NothingThere>}
      />
      {open === "add" && <AbsenceDialog onClose={() => setOpen(undefined)} />}
      {open === "import" && <ImportAbsencesDialog onClose={() => setOpen(undefined)} />}
    </PageSection>
  );
}

function useColumns(crew: Crew, mayChange: boolean): readonly Column<Absence>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const remove = async (id: string): Promise<void> => {
    try {
      await call(deleteAbsence, { params: { org, id } });
      toasts.show({ text: m.absenceDeleted });
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
    await refresh();
  };
  return [
    { key: "person", header: m.person, isRowHeader: true, cell: (absence) => crew.nameOf(absence.personId) },
    { key: "from", header: m.from, cell: (absence) => format.dateTime(unixMs(absence.from)) },
    { key: "to", header: m.to, cell: (absence) => format.dateTime(unixMs(absence.to)) },
    {
      key: "note",
      header: m.note,
      cell: (absence) =>
        [absence.note, absence.source === undefined ? "" : m.fromFile({ name: absence.source })].filter(Boolean).join(", "),
    },
    ...(mayChange
      ? [
          {
            key: "delete",
            header: m.delete,
            isHeaderHidden: true,
            cell: (absence: Absence) => (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={m.deleteOf({ name: `${crew.nameOf(absence.personId)} ${format.dateTime(unixMs(absence.from))}` })}
                onClick={() => void remove(absence.id)}
              >
                <IconTrash aria-hidden size={16} />
              </ActionIcon>
            ),
          },
        ]
      : []),
  ];
}
