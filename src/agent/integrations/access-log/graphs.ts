import { gauge, stacked, type Graph } from "../common/graphs.ts";

/** The graphs of mackerel-plugin-accesslog, and what it does not count: 1xx, single codes, median and maximum, bytes, lines that could not be read. */
export function accessLogGraphs(statuses: readonly number[]): readonly Graph[] {
  const classes = ["5xx", "4xx", "3xx", "2xx", "1xx"];
  const graphs: Graph[] = [
    {
      name: "access_num",
      title: "Access Num",
      unit: "integer",
      lines: [gauge("total_count", "Total Count"), ...classes.map((name) => stacked(`${name}_count`, `HTTP ${name} Count`))],
    },
    {
      name: "access_rate",
      title: "Access Rate",
      unit: "percentage",
      lines: classes.map((name) => stacked(`${name}_percentage`, `HTTP ${name} Percentage`)),
    },
    {
      name: "latency",
      title: "Latency",
      unit: "seconds",
      lines: [
        gauge("max", "Maximum"),
        ...[99, 95, 90, 50].map((percent) => gauge(`${percent}_percentile`, `${percent} Percentile`)),
        gauge("average", "Average"),
      ],
    },
    { name: "traffic", title: "Bytes Sent per Minute", unit: "bytes", lines: [gauge("bytes_sent", "Bytes sent")] },
    { name: "unread", title: "Lines That Are No Requests", unit: "integer", lines: [gauge("unread_count", "Lines")] },
  ];
  if (statuses.length === 0) return graphs;
  const lines = statuses.map((status) => gauge(`${status}_count`, `HTTP ${status} Count`));
  return [...graphs, { name: "access_status", title: "Access Num by Code", unit: "integer", lines }];
}
