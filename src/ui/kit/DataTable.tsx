import { Box, Group, Skeleton, Text, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { nextSort, sortRows, type Column, type Selection, type Sort } from "#kit/table-model";
import { ErrorState } from "./ErrorState.tsx";
import { RowCards } from "./RowCards.tsx";
import { TableFooter, type Paging } from "./TableFooter.tsx";
import { TableGrid } from "./TableGrid.tsx";
import classes from "./DataTable.module.css";

export interface DataTableProps<Row> {
  /** Says what the table holds; read out by screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while the first rows are on their way. */
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string;
  /** Names a row for its checkbox. */
  readonly rowLabel?: (row: Row) => string;
  /** A row that needs attention, such as a refused act. */
  readonly isMarked?: (row: Row) => boolean;
  readonly error?: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** What stands there when there are no rows. */
  readonly empty: ReactNode;
  /** Given together with `onSort` when the server sorts. */
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  readonly selection?: Selection;
  readonly paging?: Paging;
  /** Name of the CSV file; without it none is offered. */
  readonly csvName?: string;
  /** Old rows stand while new ones are fetched. */
  readonly isRefreshing?: boolean;
  readonly footer?: ReactNode;
}

/** The one table of the console. Below 48 em every row is a card. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, error, onRetry, empty, onSort, selection, paging, csvName } = props;
  const m = useMessages(kitMessages);
  const isNarrow = useMediaQuery("(max-width: 47.99em)", undefined, { getInitialValueInEffect: false }) ?? false;
  const [ownSort, setOwnSort] = useState<Sort>();
  const sort = onSort ? props.sort : (ownSort ?? props.sort);

  if (error !== undefined && error !== null && rows === undefined) return <ErrorState error={error} onRetry={onRetry} />;
  if (rows === undefined) return <LoadingRows label={m.loading} />;
  if (rows.length === 0) return <Box className={classes.frame}>{empty}</Box>;

  const shown = onSort ? rows : sortRows(rows, columns, sort);
  const onHeader = (key: string): void => (onSort ?? setOwnSort)(nextSort(sort, key));
  const label = props.rowLabel ?? rowKey;
  const inner = { caption, columns, rows: shown, rowKey, rowLabel: label, isMarked: props.isMarked, selection };
  return (
    <div aria-busy={props.isRefreshing === true}>
      {isNarrow ? <RowCards {...inner} /> : <TableGrid {...inner} sort={sort} onHeader={onHeader} />}
      <TableFooter rows={shown} columns={columns} paging={paging} csvName={csvName}>
        {props.footer}
      </TableFooter>
    </div>
  );
}

function LoadingRows({ label }: { readonly label: string }) {
  return (
    <Box className={classes.frame} p="md" aria-busy>
      <VisuallyHidden>{label}</VisuallyHidden>
      {[0, 1, 2, 3, 4].map((row) => (
        <Group key={row} py={8} wrap="nowrap" aria-hidden>
          <Skeleton height={14} width="24%" />
          <Skeleton height={14} width="12%" />
          <Skeleton height={14} width="40%" />
        </Group>
      ))}
    </Box>
  );
}

/** A line of text in the empty place of a table, for when no next step is needed. */
export function NothingThere({ children }: { readonly children: ReactNode }) {
  return (
    <Text c="dimmed" size="sm" ta="center" p="xl">
      {children}
    </Text>
  );
}
