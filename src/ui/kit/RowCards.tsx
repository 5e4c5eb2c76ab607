import { Checkbox, Group, Paper, Stack } from "@mantine/core";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { withKeys } from "#kit/table-model";
import type { TableBodyProps } from "./TableGrid.tsx";
import classes from "./DataTable.module.css";

/** The same rows on a narrow screen: a list of cards, each a small list of terms. */
export function RowCards<Row>({ caption, columns, rows, rowKey, rowLabel, isMarked, selection }: TableBodyProps<Row>) {
  const m = useMessages(kitMessages);
  const heading = columns.find((column) => column.isRowHeader === true);
  const others = columns.filter((column) => column !== heading && column.isWideOnly !== true);
  return (
    <Stack component="ul" gap="xs" aria-label={caption} className={classes.cards}>
      {rows.map((row) => (
        <Paper
          key={rowKey(row)}
          component="li"
          withBorder
          p="sm"
          className={classes.card}
          data-marked={isMarked?.(row) === true || undefined}
        >
          <Group justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
            <div className={classes.cardTitle}>{heading?.cell(row)}</div>
            {selection && (
              <Checkbox
                aria-label={m.selectRow({ row: rowLabel(row) })}
                checked={selection.keys.has(rowKey(row))}
                onChange={(event) => selection.onChange(withKeys(selection.keys, [rowKey(row)], event.currentTarget.checked))}
              />
            )}
          </Group>
          <dl className={classes.terms}>
            {others.map((column) => {
              const content = column.cell(row);
              // Nothing can be done here: then the label of the buttons has nothing to say either.
              if (column.isHeaderHidden === true && content === undefined) return undefined;
              return (
                <div key={column.key} className={classes.term}>
                  <dt>{column.header}</dt>
                  <dd>{content}</dd>
                </div>
              );
            })}
          </dl>
        </Paper>
      ))}
    </Stack>
  );
}
