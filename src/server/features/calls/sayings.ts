import type { Sentence } from "#ports/phone/port";
import type { Severity } from "#wire/alerting";
import type { Language } from "#wire/shapes";
import type { ActOutcome, Brief, KeyAction, KeyBinding, World } from "./model.ts";
import { callWords, digitPrompts, sentence, spokenTime, type PromptName } from "./words.ts";

type Spoken = Pick<World, "language">;

const plain = ({ language }: Spoken, text: string, prompts?: readonly string[]): Sentence => sentence(language, text, prompts);

/** As a sentence of its own, whatever it ended with. */
function ended(text: string, language: Language): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  return /[。.!?！？]$/u.test(trimmed) ? trimmed : `${trimmed}${language === "ja" ? "。" : "."}`;
}

/** Who calls, or who is called. */
export function introductionOf(world: World): Sentence[] {
  const words = callWords[world.language];
  const hello = plain(world, words.hello(world.organisation), ["hinoban"]);
  if (world.kind !== "incoming") return [hello];
  const open = world.incidents.filter(({ standing }) => standing.kind === "open").length;
  return open === 0 ? [hello] : [hello, plain(world, words.called(world.person, open), digitPrompts(String(open)))];
}

const severityPrompts: Readonly<Record<Severity, PromptName>> = {
  critical: "severity-critical",
  error: "severity-error",
  warning: "severity-warning",
  information: "severity-information",
};

/** How bad, what, since when. */
export function summaryOf(world: World, brief: Brief): Sentence[] {
  const { language } = world;
  const words = callWords[language];
  const found = brief.found === "" || brief.title.includes(brief.found) ? [] : [plain(world, ended(brief.found, language))];
  return [
    plain(world, words.severity[brief.severity], [
      severityPrompts[brief.severity],
      "incident-number",
      ...digitPrompts(String(brief.number)),
    ]),
    plain(world, ended(brief.title, language)),
    ...found,
    plain(world, words.since(spokenTime(brief.openedAt, world.now, world.timeZone, language))),
  ];
}

export const alsoKnownOf = (world: Spoken, { alsoKnown }: Brief): Sentence[] =>
  alsoKnown.map((text) => plain(world, ended(text, world.language)));

export function detailsOf(world: Spoken, { details, title }: Brief): Sentence[] {
  const { language } = world;
  const words = callWords[language];
  const texts = [
    ...(details.services.length === 0 ? [] : [words.services(details.services)]),
    ...(details.openAlerts > 1 ? [words.alerts(details.openAlerts)] : []),
    ...details.alerts.filter((text) => text !== title),
    details.description,
  ];
  return texts.flatMap((text) => {
    const whole = ended(text, language);
    return whole === "" ? [] : [plain(world, whole)];
  });
}

const keyPrompts: Readonly<Record<KeyAction, PromptName>> = {
  take: "to-take",
  cannot: "to-decline",
  again: "to-repeat",
  details: "to-hear-details",
  next: "to-next-step",
  other: "to-hear-other",
  confirm: "to-confirm",
};

/** What can be pressed, in one sentence. */
export function keysSaid(world: Spoken, keys: readonly KeyBinding[]): Sentence {
  const words = callWords[world.language];
  const text = words.press(keys.map(({ action, digit }) => words.keys[action](digit)));
  const prompts = keys.flatMap(({ action, digit }) => [keyPrompts[action], digit]);
  return plain(world, text, world.language === "ja" ? [...prompts, "press"] : prompts);
}

/** How things stand with incidents that need no answer any more. */
export function standingSaid(world: World): Sentence[] {
  const words = callWords[world.language];
  const relevant = world.incidents.filter(({ isUnanswered }) => isUnanswered);
  const holders = new Map<string, number>();
  for (const { standing } of relevant) if (standing.kind === "others") holders.set(standing.name, (holders.get(standing.name) ?? 0) + 1);
  return [
    ...[...holders].map(([name, count]) => plain(world, words.takenBy(name, count), ["taken-by-other"])),
    ...(relevant.some(({ standing }) => standing.kind === "mine") ? [plain(world, words.yours, ["yours-already"])] : []),
    ...(relevant.some(({ standing }) => standing.kind === "over") ? [plain(world, words.over, ["is-over"])] : []),
  ];
}

/** What was written down, said after it was. */
export function outcomeSaid(world: World, outcomes: readonly ActOutcome[]): Sentence[] {
  const words = callWords[world.language];
  const of = (kind: ActOutcome["kind"]): ActOutcome[] => outcomes.filter((one) => one.kind === kind);
  const said: Sentence[] = [];
  if (of("taken").length > 0) said.push(plain(world, words.taken(world.person, of("taken").length), ["taken"]));
  const holders = new Map<string, number>();
  for (const { name = "" } of of("others")) holders.set(name, (holders.get(name) ?? 0) + 1);
  for (const [name, count] of holders) said.push(plain(world, words.takenBy(name, count), ["taken-by-other"]));
  if (of("over").length > 0) said.push(plain(world, words.over, ["is-over"]));
  if (of("refused").length > 0) said.push(plain(world, words.refused, ["not-recorded"]));
  if (of("declined").length > 0) said.push(plain(world, words.nextPerson, ["next-person"]));
  if (of("next").length > 0) said.push(plain(world, words.nextStep, ["next-step"]));
  return said;
}
