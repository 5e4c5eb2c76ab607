import type { ReportDocument } from "#wire/reports";
import type { Language } from "#wire/shapes";
import type { ReportModel } from "../model.ts";
import { periodText, timeText } from "../words/format.ts";
import { wordsOf } from "../words/words.ts";
import { causesSection, changesSection } from "./causes.ts";
import { incidentsSection, timesSection } from "./incidents.ts";
import { messagesSection, peopleSection } from "./people.ts";
import { availabilitySection } from "./services.ts";
import { suggestionsSection } from "./suggestions.ts";
import { summarySection } from "./summary.ts";
import { writingOf } from "./write.ts";

/** A report in words. Pure: the same figures give the same document for ever. */
export function documentOf(model: ReportModel, language: Language): ReportDocument {
  const writing = writingOf(model, language);
  const { words, clock } = writing;
  const { range, madeAt, isComplete, timeZone, organisation } = model;
  const until = isComplete ? range.to - 1 : madeAt;
  const span = `${timeText(range.from, clock).slice(0, 10)}${words.to}${timeText(until, clock).slice(0, isComplete ? 10 : 16)}`;
  return {
    language,
    title: reportTitle(model, language),
    subtitle: isComplete ? span : `${span} (${words.partial})`,
    organisation: organisation.displayName,
    facts: [
      { label: words.organisation, value: organisation.displayName },
      { label: words.span, value: `${span} (${timeZone})` },
      { label: words.madeAt, value: timeText(madeAt, clock) },
    ],
    sections: [
      summarySection(writing),
      suggestionsSection(writing),
      availabilitySection(writing),
      incidentsSection(writing),
      timesSection(writing),
      peopleSection(writing),
      messagesSection(writing),
      causesSection(writing),
      changesSection(writing),
    ],
    pageText: words.page,
  };
}

/** "Monthly operations report, October 2026" */
export function reportTitle({ period }: Pick<ReportModel, "period">, language: Language): string {
  const words = wordsOf[language];
  return (period.length === 4 ? words.titleOfYear : words.title)(periodText(period, words));
}
