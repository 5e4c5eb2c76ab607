import { code, readDecimal } from "./bytes.ts";
import { isStatus, type LineReader } from "./entry.ts";
import { FieldPicker, type FieldNames } from "./fields.ts";

/** What http://ltsv.org recommends, and nginx's own names. */
export const ltsvNames: FieldNames = {
  status: ["status"],
  bytes: ["size", "body_bytes_sent", "bytes_sent"],
  time: [
    { name: "reqtime_microsec", unit: "us" },
    { name: "reqtime", unit: "s" },
    { name: "request_time", unit: "s" },
    { name: "taken_sec", unit: "s" },
  ],
};

/** Reads `label:value` fields divided by tabs. Source: http://ltsv.org */
export function ltsvReader(names: FieldNames): LineReader {
  const picker = new FieldPicker(names, ":");
  return (chunk, from, to, entry) => {
    picker.begin(entry);
    for (let at = from; at < to; at += 1) {
      const field = picker.find(chunk, at, to);
      const value = field ? at + field.label.length : at;
      at = value;
      while (at < to && chunk[at] !== code.tab) at += 1;
      if (field) picker.note(field, readDecimal(chunk, value, at), entry);
    }
    return isStatus(entry.status);
  };
}
