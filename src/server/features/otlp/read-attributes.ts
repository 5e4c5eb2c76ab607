import { HinobanError } from "#base/errors";
import type { ProtoReader } from "#features/receivers";
import { limits } from "./model.ts";

/** A value of an attribute as it may be nested. */
type Nested = string | number | boolean | null | Nested[] | { [key: string]: Nested };

/** Reads the KeyValue message here into the map. @throws "bad-request", "too-large" */
export function readKeyValue(reader: ProtoReader, into: Map<string, string>): void {
  const [key, value] = keyValue(reader, 0);
  into.set(key, textOf(value));
  if (into.size > limits.attributes) throw new HinobanError("too-large", `Something has more than ${limits.attributes} attributes.`);
}

/** Texts as they are, everything else as JSON. */
export const textOf = (value: Nested): string => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value));

function keyValue(reader: ProtoReader, depth: number): [string, Nested] {
  let key = "";
  let value: Nested = null;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = anyValue(reader, depth);
    else reader.skip();
  }
  reader.leave(outer);
  return [key, value];
}

function anyValue(reader: ProtoReader, depth: number): Nested {
  if (depth > limits.depth) throw new HinobanError("too-large", `An attribute is nested deeper than ${limits.depth} levels.`);
  let value: Nested = null;
  const outer = reader.enter();
  while (reader.next()) value = oneOf(reader, depth, value);
  reader.leave(outer);
  return value;
}

function oneOf(reader: ProtoReader, depth: number, before: Nested): Nested {
  switch (reader.field) {
    case 1:
      return reader.text();
    case 2:
      return reader.boolean();
    case 3:
      return reader.signed();
    case 4:
      return reader.double();
    case 5:
      return list(reader, () => anyValue(reader, depth + 1));
    case 6:
      return Object.fromEntries(list(reader, () => keyValue(reader, depth + 1)));
    default:
      reader.skip();
      return before;
  }
}

/** ArrayValue and KeyValueList both hold their entries in field 1. */
function list<T>(reader: ProtoReader, readEntry: () => T): T[] {
  const entries: T[] = [];
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) entries.push(readEntry());
    else reader.skip();
  }
  reader.leave(outer);
  return entries;
}
