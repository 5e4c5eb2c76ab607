import { Checkbox, Table, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { withKeys, type Column, type Selection, type Sort } from "#kit/table-model";
import classes from "./DataTable.module.css";

export interface TableBodyProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly rowLabel: (row: Row) => string;
  readonly isMarked: ((row: Row) => boolean) | undefined;
  readonly selection: Selection | undefined;
}

interface GridProps<Row> extends TableBodyProps<Row> {
  readonly sort: Sort | undefined;
  readonly onHeader: (key: string) => void;
}

/** Rows as a real table with row headers and a header that stays in sight. */
export function TableGrid<Row>({ caption, columns, rows, rowKey, rowLabel, isMarked, selection, sort, onHeader }: GridProps<Row>) {
  const m = useMessages(kitMessages);
  const keys = rows.map(rowKey);
  const chosen = keys.filter((key) => selection?.keys.has(key) === true).length;
  return (
    <div className={classes.scroller}>
      <Table className={classes.table} verticalSpacing={7} horizontalSpacing="sm" highlightOnHover>
        <Table.Caption className={classes.caption}>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </Table.Caption>
        <Table.Thead className={classes.head}>
          <Table.Tr>
            {selection && (
              <Table.Th w={36} scope="col">
                <Checkbox
                  size="xs"
                  aria-label={m.selectAll}
                  checked={chosen > 0 && chosen === keys.length}
                  indeterminate={chosen > 0 && chosen < keys.length}
                  onChange={(event) => selection.onChange(withKeys(selection.keys, keys, event.currentTarget.checked))}
                />
              </Table.Th>
            )}
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sort={sort} onHeader={onHeader} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} data-marked={isMarked?.(row) === true || undefined}>
              {selection && (
                <Table.Td>
                  <Checkbox
                    size="xs"
                    aria-label={m.selectRow({ row: rowLabel(row) })}
                    checked={selection.keys.has(rowKey(row))}
                    onChange={(event) => selection.onChange(withKeys(selection.keys, [rowKey(row)], event.currentTarget.checked))}
                  />
                </Table.Td>
              )}
              {columns.map((column) => (
                <BodyCell key={column.key} column={column} row={row} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function BodyCell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const align = column.align === "end" ? classes.end : undefined;
  if (column.isRowHeader === true) {
    return (
      <Table.Th scope="row" className={classes.rowHeader}>
        {column.cell(row)}
      </Table.Th>
    );
  }
  return <Table.Td className={align}>{column.cell(row)}</Table.Td>;
}

function HeaderCell<Row>({
  column,
  sort,
  onHeader,
}: {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onHeader: (key: string) => void;
}) {
  const m = useMessages(kitMessages);
  const align = column.align === "end" ? classes.end : undefined;
  const width = column.width === undefined ? {} : { w: column.width };
  if (column.sortValue === undefined) {
    return (
      <Table.Th scope="col" className={align} {...width}>
        {column.isHeaderHidden === true ? <VisuallyHidden>{column.header}</VisuallyHidden> : column.header}
      </Table.Th>
    );
  }
  const isSorted = sort?.by === column.key;
  const direction = sort?.isDescending === true ? "descending" : "ascending";
  const Icon = !isSorted ? IconArrowsSort : direction === "descending" ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th scope="col" className={align} aria-sort={isSorted ? direction : "none"} {...width}>
      <UnstyledButton className={classes.sorter} onClick={() => onHeader(column.key)} title={m.sortBy({ column: column.header })}>
        {column.header}
        <Icon aria-hidden size={14} className={isSorted ? undefined : classes.idleSort} />
      </UnstyledButton>
    </Table.Th>
  );
}
