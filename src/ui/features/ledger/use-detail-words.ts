import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { detailNames } from "./detail-messages.ts";
import type { DetailWords } from "./entry-text.ts";

export function useDetailWords(): DetailWords {
  const names = useMessages(detailNames);
  const format = useFormat();
  return { names, time: (at) => format.dateTime(at) };
}
