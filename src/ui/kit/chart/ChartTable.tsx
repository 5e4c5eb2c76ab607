import { Table, VisuallyHidden } from "@mantine/core";
import { fromSeconds, unixSeconds } from "#base/duration";
import type { Format, Unit } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { summarise, type ChartData } from "./model.ts";
import classes from "./TimeChart.module.css";

export interface ChartTableProps {
  readonly title: string;
  readonly data: ChartData;
  readonly unit: Unit;
  readonly format: Format;
}

/** More than this many series side by side cannot be read; then each gets a row with its summary. */
const mostColumns = 8;

/** The same numbers as text: a row a time while they fit side by side, else a row a series. */
export function ChartTable(props: ChartTableProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
    <div className={classes.tableFrame} tabIndex={0} role="group" aria-label={props.title}>
      {props.data.series.length <= mostColumns ? <ByTime {...props} /> : <BySeries {...props} />}
    </div>
  );
}

const cell = (value: number | null | undefined, unit: Unit, format: Format): string =>
  typeof value === "number" ? format.value(value, unit) : "–";

function ByTime({ title, data, unit, format }: ChartTableProps) {
  const m = useMessages(kitMessages);
  const filled = data.times.map((_, at) => at).filter((at) => data.series.some((one) => typeof one.values[at] === "number"));
  return (
    <Table stickyHeader verticalSpacing={4}>
      <Table.Caption m={0} h={0}>
        <VisuallyHidden>{title}</VisuallyHidden>
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{m.time}</Table.Th>
          {data.series.map((one) => (
            <Table.Th key={one.key} scope="col" ta="right">
              {one.label}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {filled.toReversed().map((at) => (
          <Table.Tr key={at}>
            <Table.Th scope="row" fw={400}>
              {format.dateTime(fromSeconds(unixSeconds(data.times[at] ?? 0)))}
            </Table.Th>
            {data.series.map((one) => (
              <Table.Td key={one.key} ta="right">
                {cell(one.values[at], unit, format)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function BySeries({ title, data, unit, format }: ChartTableProps) {
  const m = useMessages(kitMessages);
  return (
    <Table stickyHeader verticalSpacing={4}>
      <Table.Caption m={0} h={0}>
        <VisuallyHidden>{title}</VisuallyHidden>
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{m.series}</Table.Th>
          {[m.latest, m.average, m.least, m.most].map((header) => (
            <Table.Th key={header} scope="col" ta="right">
              {header}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {data.series.map((one) => {
          const { latest, average, least, most } = summarise(one.values);
          return (
            <Table.Tr key={one.key}>
              <Table.Th scope="row" fw={400}>
                {one.label}
              </Table.Th>
              <Table.Td ta="right">{cell(latest, unit, format)}</Table.Td>
              <Table.Td ta="right">{cell(average, unit, format)}</Table.Td>
              <Table.Td ta="right">{cell(least, unit, format)}</Table.Td>
              <Table.Td ta="right">{cell(most, unit, format)}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
