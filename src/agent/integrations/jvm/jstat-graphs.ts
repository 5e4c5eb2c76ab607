import { gauge, perMinute, type Graph, type Line } from "../common/graphs.ts";

// jstat counts in KiB.
const kib = (name: string, title: string): Line => ({ ...gauge(name, title), scale: 1024 });

/** Seconds in a minute as percent of it. */
const share = (name: string, title: string): Line => ({ ...perMinute(name, title), scale: 100 / 60 });

/** The graphs of mackerel-plugin-jvm, counters per minute as there. */
export const jstatGraphs: readonly Graph[] = [
  {
    name: "gc_events",
    title: "GC events",
    unit: "integer",
    lines: [perMinute("YGC", "Young GC event"), perMinute("FGC", "Full GC event"), perMinute("CGC", "Concurrent GC event")],
  },
  {
    name: "gc_time",
    title: "GC time (sec)",
    unit: "float",
    lines: [perMinute("YGCT", "Young GC time"), perMinute("FGCT", "Full GC time"), perMinute("CGCT", "Concurrent GC time")],
  },
  {
    name: "gc_time_percentage",
    title: "GC time percentage",
    unit: "percentage",
    lines: [share("YGCT", "Young GC time"), share("FGCT", "Full GC time"), share("CGCT", "Concurrent GC time")],
  },
  {
    name: "new_space",
    title: "New Space memory",
    unit: "bytes",
    lines: [
      kib("NGCMX", "New max"),
      kib("NGC", "New current"),
      kib("EU", "Eden used"),
      kib("S0U", "Survivor0 used"),
      kib("S1U", "Survivor1 used"),
    ],
  },
  {
    name: "old_space",
    title: "Old Space memory",
    unit: "bytes",
    lines: [kib("OGCMX", "Old max"), kib("OGC", "Old current"), kib("OU", "Old used")],
  },
  {
    name: "perm_space",
    title: "Permanent Space",
    unit: "bytes",
    lines: [kib("PGCMX", "Perm max"), kib("PGC", "Perm current"), kib("PU", "Perm used")],
  },
  {
    name: "metaspace",
    title: "Metaspace",
    unit: "bytes",
    lines: [
      kib("MCMX", "Metaspace capacity max"),
      kib("MCMN", "Metaspace capacity min"),
      kib("MC", "Metaspace capacity"),
      kib("MU", "Metaspace utilization"),
      kib("CCSC", "Compressed Class Space Capacity"),
      kib("CCSU", "Compressed Class Space Used"),
    ],
  },
  {
    name: "memorySpace",
    title: "MemorySpace",
    unit: "percentage",
    lines: [gauge("oldSpaceRate", "GC Old Memory Space"), gauge("newSpaceRate", "GC New Memory Space")],
  },
];
