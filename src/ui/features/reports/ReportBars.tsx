import { Box, Group, Text } from "@mantine/core";
import type { ReportBlock } from "#wire/reports";
import classes from "./Report.module.css";

type Bars = Extract<ReportBlock, { kind: "bars" }>;

const colours = ["var(--hb-series-1)", "var(--hb-series-2)"] as const;
const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** Stacked bars with their values in words for those who do not see them. */
export function ReportBars({ block }: { readonly block: Bars }) {
  const { caption, series, bars, layout } = block;
  return (
    <Box component="figure" m={0}>
      <Group component="figcaption" gap="6px 16px" mb="xs">
        <Text fw={700} size="sm">
          {caption}
        </Text>
        {series.length > 1 &&
          series.map((name, index) => (
            <Group key={name} gap={4}>
              <span className={classes["swatch"]} style={{ background: colours[index] }} aria-hidden />
              <Text size="xs">{name}</Text>
            </Group>
          ))}
      </Group>
      <div
        role="img"
        aria-label={`${caption}: ${bars.map(({ label, text }) => (text.includes(label) ? text : `${label} ${text}`)).join(", ")}`}
      >
        {layout === "upright" ? <Upright bars={bars} /> : <Lying bars={bars} />}
      </div>
    </Box>
  );
}

function Upright({ bars }: Pick<Bars, "bars">) {
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  return (
    <div className={classes["upright"]}>
      {bars.map(({ label, values, text, isMarked }) => (
        <div key={label} className={classes["column"]} title={text}>
          <div className={isMarked === true ? classes["marked"] : classes["pile"]}>
            {values.map((value, index) => (
              <div
                // oxlint-disable-next-line react/no-array-index-key -- series have fixed places
                key={index}
                style={{ height: `${(value / most) * roomForBars}%`, background: colours[index] }}
              />
            ))}
            {sum(values) > 0 && <span>{sum(values)}</span>}
          </div>
          <span>{label}</span>
        </div>
      ))}
    </div>
  );
}

/** Above the highest bar stands its number. */
const roomForBars = 88;

function Lying({ bars }: Pick<Bars, "bars">) {
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  return (
    <div className={classes["lying"]}>
      {bars.map(({ label, values, text }) => (
        <div key={label} className={classes["line"]}>
          <span className={classes["name"]}>{label}</span>
          <div className={classes["track"]}>
            {values.map((value, index) => (
              <div
                // oxlint-disable-next-line react/no-array-index-key -- series have fixed places
                key={index}
                style={{ width: `${(value / most) * 100}%`, background: colours[index] }}
              />
            ))}
          </div>
          <span>{text}</span>
        </div>
      ))}
    </div>
  );
}
