import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconDownload } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { saveFile, tableCsv, type Column } from "#kit/table-model";

/** A place in a list that the server pages. Pages count from 1. */
export interface Paging {
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}

export interface TableFooterProps<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly paging: Paging | undefined;
  readonly csvName: string | undefined;
  readonly children?: ReactNode;
}

/** Below a table: where we are in the list, other pages, the rows as a file. */
export function TableFooter<Row>({ rows, columns, paging, csvName, children }: TableFooterProps<Row>) {
  const m = useMessages(kitMessages);
  if (!paging && csvName === undefined && children === undefined) return undefined;
  return (
    <Group justify="space-between" mt="xs" gap="xs">
      <Group gap="xs">
        {csvName !== undefined && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconDownload aria-hidden size={16} />}
            onClick={() => saveFile(`${csvName}.csv`, tableCsv(rows, columns))}
          >
            {m.downloadCsv}
          </Button>
        )}
        {children}
      </Group>
      {paging && <Pager paging={paging} />}
    </Group>
  );
}

function Pager({ paging }: { readonly paging: Paging }) {
  const m = useMessages(kitMessages);
  const format = useFormat();
  const { page, pageSize, total, onPage } = paging;
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const from = Math.min(total, (page - 1) * pageSize + 1);
  const shown = m.shown({ from: format.count(from), to: format.count(Math.min(total, page * pageSize)), total: format.count(total) });
  return (
    <Group component="nav" aria-label={m.pages} gap="xs">
      <Text size="sm" c="dimmed" aria-live="polite">
        {shown}
      </Text>
      {pages > 1 && (
        <>
          <ActionIcon variant="default" aria-label={m.previousPage} disabled={page <= 1} onClick={() => onPage(page - 1)}>
            <IconChevronLeft aria-hidden size={18} />
          </ActionIcon>
          <Text size="sm">{m.pageOf({ page: format.count(page), pages: format.count(pages) })}</Text>
          <ActionIcon variant="default" aria-label={m.nextPage} disabled={page >= pages} onClick={() => onPage(page + 1)}>
            <IconChevronRight aria-hidden size={18} />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}
