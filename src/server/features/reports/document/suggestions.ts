import type { ReportCell, ReportSection } from "#wire/reports";
import type { ChannelFigures, Suggestion } from "../model.ts";
import { shareText } from "../words/format.ts";
import type { Words } from "../words/shape.ts";
import { cell, text, type Writing } from "./write.ts";

export function suggestionsSection(writing: Writing): ReportSection {
  const { model, words } = writing;
  const items = model.suggestions.map((one) => suggestionText(one, writing));
  return {
    id: "suggestions",
    title: words.suggestions,
    blocks: [items.length === 0 ? text(words.noSuggestions) : { kind: "list", items }],
  };
}

function suggestionText(one: Suggestion, { words, links, length }: Writing): ReportCell {
  switch (one.kind) {
    case "flapping":
      return cell(words.flapping(one.cause.name, one.cause.alerts, length(one.cause.median)), links.alerts({ origin: one.cause.id }));
    case "noisy-host":
      return cell(words.noisyHost(one.cause.name, shareText(one.share), one.cause.alerts), links.alerts({ host: one.cause.id }));
    case "many-nights":
      return cell(words.manyNights(one.person.name, one.person.nights, one.person.nightCalls, one.ofAll), links.calls(one.person.id));
    case "unanswered-step":
      return cell(words.unansweredStep(one.step.policyName, one.step.step + 1, one.step.told), links.policy(one.step.policyId));
    case "never-taken":
      return cell(words.neverTakenSuggestion(one.count, one.of), links.incidents({ severity: ["critical", "error"] }));
    case "slow-to-take":
      return cell(words.slow(length(one.median)), "#times");
    case "failing-channel":
      return cell(channelText(one.channel, words), links.channels());
    case "failing-calls":
      return cell(words.failingCalls(one.failed, one.requested), links.calls());
    case "unwatched-service":
      return cell(words.unwatched(one.service.name), links.service(one.service.name));
    case "still-open":
      return cell(words.stillOpen(one.count, `#${one.oldest.number} ${one.oldest.title}`), links.incident(one.oldest.id));
    case "unfair":
      return cell(words.unfair(one.person.name, shareText(one.share), one.person.taken), links.incidents({ takenBy: one.person.id }));
  }
}

const channelText = ({ name, failed, sent, isSuspended }: ChannelFigures, words: Words): string =>
  isSuspended ? words.suspendedChannel(name) : words.failingChannel(name, failed, sent);
