import { useMemo, type ReactNode } from "react";
import { browserTimeZone, FormatContext, makeFormat } from "#kit/format";
import { useLanguage } from "#kit/messages";

/** Formats for everything below: the language that is set, and `timeZone` or the browser's. */
export function FormatProvider({ timeZone, children }: { readonly timeZone?: string | undefined; readonly children: ReactNode }) {
  const { language } = useLanguage();
  const format = useMemo(() => makeFormat(language, timeZone ?? browserTimeZone()), [language, timeZone]);
  return <FormatContext value={format}>{children}</FormatContext>;
}
