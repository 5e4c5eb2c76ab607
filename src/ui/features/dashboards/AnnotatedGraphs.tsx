import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconFlag, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { fromSeconds, unixSeconds } from "#base/duration";
import { deleteAnnotation, listAnnotations, type Annotation } from "#wire/annotations";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { isLive, spanOf, zoomTo, type RangeSearch } from "#kit/range";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { AnnotationsContext, type ChartAnnotation } from "../../kit/chart/marks.ts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnnotationDialog } from "./AnnotationDialog.tsx";
import { messages } from "./annotation-messages.ts";

export interface AnnotatedGraphsProps {
  readonly service: string;
  /** Roles of the service, to choose from. */
  readonly roles: readonly string[];
  /** The one whose graphs these are; absent: the service's own. */
  readonly role?: string;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
  /** The graphs. */
  readonly children: ReactNode;
}

const refreshEvery = 60_000;

/** Graphs of a service or role with what happened drawn into them, and a list of it below. */
export function AnnotatedGraphs(props: AnnotatedGraphsProps) {
  const { service, role, range, children } = props;
  const call = useCall();
  const clock = useClock();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "annotations", service, role, range],
    queryFn: ({ signal }) => {
      const query = { ...spanOf(range, clock.now()), ...(role === undefined ? {} : { role }) };
      return call(listAnnotations, { params: { org, service }, query }, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: isLive(range) ? refreshEvery : false,
  });
  const marks = useMemo(
    () => data?.annotations.map(({ id, title, from, to }): ChartAnnotation => ({ key: id, title, from, to })) ?? [],
    [data],
  );
  return (
    <>
      <AnnotationsContext value={marks}>{children}</AnnotationsContext>
      <AnnotationsSection {...props} annotations={data?.annotations} error={error} onRetry={() => void refetch()} />
    </>
  );
}

interface SectionProps extends AnnotatedGraphsProps {
  readonly annotations: readonly Annotation[] | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
}

function AnnotationsSection({ service, roles, role, onZoom, annotations, error, onRetry }: SectionProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("annotation.change");
  const [open, setOpen] = useState<{ readonly kind: "edit" | "delete"; readonly annotation?: Annotation }>();
  const columns = useColumns({
    onZoom,
    ...(mayChange
      ? { onEdit: (annotation) => setOpen({ kind: "edit", annotation }), onDelete: (annotation) => setOpen({ kind: "delete", annotation }) }
      : {}),
  });
  const refresh = (): Promise<unknown> => client.invalidateQueries({ queryKey: [org, "annotations", service] });
  const addButton = mayChange && (
    <Button variant="default" size="compact-md" leftSection={<IconPlus aria-hidden size={16} />} onClick={() => setOpen({ kind: "edit" })}>
      {m.add}
    </Button>
  );
  const close = (): void => setOpen(undefined);
  return (
    <section aria-label={m.annotations}>
      <Group justify="space-between" mt="lg" mb="xs">
        <div>
          <Title order={2}>{m.annotations}</Title>
          <Text size="sm" c="dimmed">
            {m.intro}
          </Text>
        </div>
        {annotations !== undefined && annotations.length > 0 && addButton}
      </Group>
      <DataTable
        caption={m.annotations}
        columns={columns}
        rows={annotations}
        rowKey={(annotation) => annotation.id}
        error={error}
        onRetry={onRetry}
        csvName={m.annotations}
        empty={
          <EmptyState title={m.none} hint={m.noneHint} icon={<IconFlag aria-hidden size={32} />}>
            {addButton}
          </EmptyState>
        }
      />
      {open?.kind === "edit" && (
        <AnnotationDialog
          service={service}
          roles={roles}
          annotation={open.annotation}
          startRoles={role === undefined ? [] : [role]}
          onDone={refresh}
          onClose={close}
        />
      )}
      {open?.kind === "delete" && open.annotation && (
        <ConfirmDialog
          title={m.deleteTitle({ title: open.annotation.title })}
          text={m.deleteText}
          action={m.delete}
          isDangerous
          onConfirm={async () => {
            await call(deleteAnnotation, { params: { org, id: open.annotation?.id ?? "" } });
            toasts.show({ text: m.deleted });
            await refresh();
          }}
          onClose={close}
        />
      )}
    </section>
  );
}

interface ColumnActs {
  readonly onZoom: (range: RangeSearch) => void;
  readonly onEdit?: (annotation: Annotation) => void;
  readonly onDelete?: (annotation: Annotation) => void;
}

function useColumns({ onZoom, onEdit, onDelete }: ColumnActs): readonly Column<Annotation>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const at = (time: number): string => format.dateTime(fromSeconds(unixSeconds(time)));
  const when = ({ from, to }: Annotation): string => (from === to ? at(from) : m.span({ from: at(from), to: at(to) }));
  const columns: Column<Annotation>[] = [
    {
      key: "title",
      header: m.title,
      isRowHeader: true,
      csv: (annotation) => annotation.title,
      cell: (annotation) => (
        <Stack gap={0}>
          <Text size="sm" fw={500} style={{ overflowWrap: "anywhere" }}>
            {annotation.title}
          </Text>
          {annotation.description !== undefined && annotation.description !== "" && (
            <Text size="xs" c="dimmed" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {annotation.description}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      key: "when",
      header: m.when,
      sortValue: (annotation) => annotation.from,
      csv: when,
      cell: (annotation) => (
        <Button
          variant="transparent"
          size="compact-sm"
          px={0}
          fw={400}
          title={m.zoomTo({ title: annotation.title })}
          onClick={() => onZoom(zoomAround(annotation))}
        >
          {when(annotation)}
        </Button>
      ),
    },
    {
      key: "roles",
      header: m.roles,
      csv: (annotation) => (annotation.roles ?? []).join(" "),
      cell: ({ roles = [] }) => (roles.length === 0 ? m.wholeService : roles.join(", ")),
    },
  ];
  if (!onEdit || !onDelete) return columns;
  columns.push({
    key: "actions",
    header: m.change,
    isHeaderHidden: true,
    align: "end",
    cell: (annotation) => (
      <Group gap={6} justify="flex-end" wrap="nowrap">
        <Button size="compact-sm" variant="default" aria-label={m.editOf(annotation)} onClick={() => onEdit(annotation)}>
          {m.change}
        </Button>
        <Button size="compact-sm" variant="default" aria-label={m.deleteOf(annotation)} onClick={() => onDelete(annotation)}>
          {m.delete}
        </Button>
      </Group>
    ),
  });
  return columns;
}

/** Half an hour before to half an hour after, or as long as it lasted. */
function zoomAround({ from, to }: Annotation): RangeSearch {
  const around = Math.max(1800, to - from);
  return zoomTo(Math.max(0, from - around), to + around);
}
