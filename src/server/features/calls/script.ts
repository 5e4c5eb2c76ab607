import { seconds, type Millis } from "#base/duration";
import type { Sentence, Turn } from "#ports/phone/port";
import { keysOfKind, type ActOutcome, type Brief, type KeyAction, type KeyBinding, type Stage, type World } from "./model.ts";
import { alsoKnownOf, detailsOf, introductionOf, keysSaid, outcomeSaid, standingSaid, summaryOf } from "./sayings.ts";
import { callWords, digitPrompts, sentence } from "./words.ts";

/** What happened; `pin` and `done` are answers to what the script asked for itself. */
export type ScriptEvent =
  | { readonly kind: "answered" }
  | { readonly kind: "keys"; readonly digits: string }
  | { readonly kind: "silent" }
  | { readonly kind: "pin"; readonly isRight: boolean; readonly isLocked: boolean }
  | { readonly kind: "done"; readonly outcomes: readonly ActOutcome[] };

/** What is to be done: something is said, a PIN is checked, or something happens to incidents before anything is said about it. */
export type Decision =
  | { readonly kind: "say"; readonly stage: Stage; readonly turn: Turn; readonly result?: string }
  | { readonly kind: "check-pin"; readonly digits: string }
  | {
      readonly kind: "act";
      readonly stage: Stage;
      readonly action: Extract<KeyAction, "take" | "cannot" | "next">;
      readonly incidentIds: readonly string[];
    };

/** How many incidents are told before an answer is asked for. */
export const mostAtOnce = 5;
const listenFor = seconds(5);
const listenForPin = seconds(8);
/** Readings that nobody answered, after which we hang up. */
const mostSilences = 3;
const mostPinSilences = 6;
const mostWrongKeys = 5;
const mostRepeats = 10;
const mostWrongPins = 3;

/**
 * The next thing to do in a call. Pure: the same stage, event and world have the same answer.
 * @param stage where the call stands; what it is before anybody answered does not matter
 */
export function decide(stage: Stage, event: ScriptEvent, world: World): Decision {
  switch (event.kind) {
    case "answered":
      return world.pinLength === undefined ? opening(stage, world) : askPin({ ...stage, at: "pin" }, world);
    case "pin":
      return pinChecked(stage, event, world);
    case "keys":
      return stage.at === "pin" ? { kind: "check-pin", digits: event.digits } : pressed(stage, event.digits, world);
    case "silent":
      return stage.at === "pin" ? silentAtPin(stage, world) : silent(stage, world);
    case "done":
      return afterActs(stage, event.outcomes, world);
  }
}

/** The keys of a call, with the one that takes for this person. */
export function keysOf(world: Pick<World, "kind" | "takeKey" | "hasNextStep">): KeyBinding[] {
  return keysOfKind[world.kind].flatMap((key) => {
    if (key.action === "next" && !world.hasNextStep) return [];
    return key.action === "take" && world.takeKey !== undefined ? [{ ...key, digit: world.takeKey }] : [key];
  });
}

const say = (stage: Stage, said: readonly Sentence[], more: { readonly digits?: number; readonly listen?: Millis } = {}): Decision => ({
  kind: "say",
  stage,
  turn: { say: said, times: 1, listen: more.listen ?? listenFor, digits: more.digits ?? 1, isLast: false },
});

const goodbye = (stage: Stage, said: readonly Sentence[] = [], result?: string): Decision => ({
  kind: "say",
  stage: { ...stage, at: "end", batch: [] },
  turn: { say: said, times: 1, listen: seconds(0), digits: 0, isLast: true },
  ...(result === undefined ? {} : { result }),
});

const plain = (world: World, text: string, prompts?: readonly string[]): Sentence => sentence(world.language, text, prompts);
const announced = (world: World): Sentence[] => (world.announcement === undefined ? [] : [plain(world, world.announcement)]);

function opening(stage: Stage, world: World): Decision {
  const words = callWords[world.language];
  const at = { ...stage, at: "menu", silences: 0 } as const;
  switch (world.kind) {
    case "incident":
      return tell(at, world, [...announced(world), ...introductionOf(world)]);
    case "incoming":
      if (world.person === "") return goodbye(at, [plain(world, words.unknown, ["hinoban", "unknown-number"])], "refused");
      if (world.pinLength === undefined) return withoutPin(at, world);
      return tell(at, world, [...announced(world), ...introductionOf(world)]);
    case "test":
    case "weekly":
      return testing(at, world, announced(world));
    case "code":
      return reading(at, world);
  }
}

/** Anybody can make a telephone show any number: whoever calls without a PIN hears how much there is, and nothing of it. */
function withoutPin(stage: Stage, world: World): Decision {
  const words = callWords[world.language];
  const { length } = unanswered(world);
  const waiting =
    length === 0 ? plain(world, words.nothingOpen, ["nothing-open"]) : plain(world, words.waiting(length), digitPrompts(String(length)));
  return goodbye(
    stage,
    [
      ...announced(world),
      plain(world, words.hello(world.organisation), ["hinoban"]),
      waiting,
      plain(world, words.setPin, ["unknown-number"]),
    ],
    "refused",
  );
}

/** A code is read three times; it is typed elsewhere. */
function reading(stage: Stage, world: World): Decision {
  const words = callWords[world.language];
  const digits = digitPrompts(world.code ?? "");
  const text = words.code(world.organisation, digits.join(world.language === "ja" ? "、" : ", "));
  const said = [plain(world, text, ["hinoban", "your-code", ...digits])];
  return {
    kind: "say",
    stage: { ...stage, at: "end" },
    turn: { say: said, times: 3, listen: seconds(2), digits: 0, isLast: true },
    result: "read",
  };
}

function testing(stage: Stage, world: World, before: readonly Sentence[] = []): Decision {
  const words = callWords[world.language];
  const text = world.kind === "weekly" ? words.weekly(world.organisation) : words.test(world.organisation);
  return say(stage, [...before, plain(world, text, ["hinoban", "test-call"]), keysSaid(world, keysOf(world))]);
}

/** What nobody has and nothing was answered to, in the order in which it is told. */
const unanswered = (world: World): Brief[] => world.incidents.filter((one) => one.isUnanswered && one.standing.kind === "open");

/** Tells the next incidents and asks for an answer; says how those stand that need none any more when there is nothing else. */
function tell(stage: Stage, world: World, before: readonly Sentence[] = []): Decision {
  const waiting = unanswered(world);
  const batch = waiting.slice(0, world.kind === "incoming" ? 1 : mostAtOnce);
  if (batch.length === 0) return nothingLeft(stage, world, before);
  const words = callWords[world.language];
  const rest = waiting.length - batch.length;
  const more =
    rest > 0 && world.kind === "incident" ? [plain(world, words.more(rest), ["more-incidents", ...digitPrompts(String(rest))])] : [];
  const said = batch.flatMap((one, index) => [
    ...(batch.length > 1 ? [plain(world, words.numbered(index + 1, batch.length), digitPrompts(String(index + 1)))] : []),
    ...summaryOf(world, one),
    ...(batch.length === 1 ? alsoKnownOf(world, one) : []),
  ]);
  const told = { ...stage, at: "menu", batch: batch.map((one) => one.incidentId) } as const;
  return say(told, [...before, ...said, ...more, keysSaid(world, keysOf(world))]);
}

function nothingLeft(stage: Stage, world: World, before: readonly Sentence[] = []): Decision {
  const words = callWords[world.language];
  if (world.kind === "incoming") {
    const text = world.incidents.length === 0 ? words.nothingOpen : words.thatWasAll;
    return goodbye(stage, [...before, plain(world, text, [world.incidents.length === 0 ? "nothing-open" : "that-was-all"])]);
  }
  return goodbye(stage, [...before, ...standingSaid(world), plain(world, words.goodbye)]);
}

/** The incidents of the last menu, as they stand now. */
const batchOf = (stage: Stage, world: World): Brief[] =>
  stage.batch.flatMap((id) => world.incidents.filter((one) => one.incidentId === id));

function pressed(stage: Stage, digits: string, world: World): Decision {
  if (stage.at === "end") return goodbye(stage, [plain(world, callWords[world.language].goodbye)]);
  const heard = { ...stage, silences: 0 };
  const action = keysOf(world).find(({ digit }) => digit === digits)?.action;
  switch (action) {
    case undefined:
      return wrongKey(heard, world);
    case "again":
      return again({ ...heard, repeats: stage.repeats + 1 }, world);
    case "details":
      return details({ ...heard, repeats: stage.repeats + 1 }, world);
    case "confirm": {
      const words = callWords[world.language];
      return goodbye(heard, [plain(world, words.confirmed, ["confirmed"])], "confirmed");
    }
    case "other":
      return tell(heard, { ...world, incidents: without(world, stage.batch) });
    case "take":
    case "cannot":
    case "next": {
      const incidentIds = batchOf(stage, world)
        .filter((one) => one.isUnanswered)
        .map((one) => one.incidentId);
      if (incidentIds.length === 0) return nothingLeft(heard, world);
      return { kind: "act", stage: heard, action, incidentIds };
    }
  }
}

/** Somebody who listens to one after the other hears the first again only when they call again. */
const without = (world: World, ids: readonly string[]): Brief[] => {
  const last = world.incidents.findIndex((one) => one.incidentId === ids.at(-1));
  return world.incidents.map((one, index) => (index <= last ? { ...one, isUnanswered: false } : one));
};

function wrongKey(stage: Stage, world: World): Decision {
  const words = callWords[world.language];
  if (stage.wrongKeys >= mostWrongKeys) return unansweredGoodbye(stage, world);
  const counted = { ...stage, wrongKeys: stage.wrongKeys + 1 };
  if (isIdle(stage, world)) return nothingLeft(counted, world);
  return say(counted, [plain(world, words.wrongKey, ["wrong-key"]), keysSaid(world, keysOf(world))]);
}

/** Whether everything that was told has found somebody, or is over, while they listened. */
const isIdle = (stage: Stage, world: World): boolean =>
  (world.kind === "incident" || world.kind === "incoming") &&
  !batchOf(stage, world).some((one) => one.standing.kind === "open" && one.isUnanswered);

function again(stage: Stage, world: World): Decision {
  if (stage.repeats > mostRepeats) return unansweredGoodbye(stage, world);
  return sayAgain(stage, world);
}

/** The message once more, as things stand now: what came meanwhile is told with it, what found somebody is not. */
function sayAgain(stage: Stage, world: World): Decision {
  if (world.kind === "test" || world.kind === "weekly") return testing(stage, world);
  if (world.kind === "code") return reading(stage, world);
  if (world.kind === "incoming") {
    const [first] = batchOf(stage, world);
    const from = world.incidents.findIndex((one) => one.incidentId === first?.incidentId);
    return tell(stage, {
      ...world,
      incidents: world.incidents.map((one, index) => (index < from ? { ...one, isUnanswered: false } : one)),
    });
  }
  return tell(stage, world, introductionOf(world));
}

function details(stage: Stage, world: World): Decision {
  if (stage.repeats > mostRepeats) return unansweredGoodbye(stage, world);
  const told = batchOf(stage, world).filter((one) => one.isUnanswered && one.standing.kind === "open");
  if (told.length === 0) return nothingLeft(stage, world);
  const said = told.flatMap((one) => [...summaryOf(world, one), ...detailsOf(world, one), ...alsoKnownOf(world, one)]);
  return say(stage, [...said, keysSaid(world, keysOf(world))]);
}

function silent(stage: Stage, world: World): Decision {
  if (stage.at === "end") return goodbye(stage);
  if (isIdle(stage, world)) return nothingLeft(stage, world);
  const counted = { ...stage, silences: stage.silences + 1 };
  return counted.silences >= mostSilences ? unansweredGoodbye(counted, world) : sayAgain(counted, world);
}

/** Voicemail, a pocket, somebody who fell asleep again: nobody took it. */
function unansweredGoodbye(stage: Stage, world: World): Decision {
  const words = callWords[world.language];
  const text = world.kind === "incident" ? plain(world, words.noAnswer, ["no-answer"]) : plain(world, words.goodbye);
  return goodbye(stage, [text], "unanswered");
}

function afterActs(stage: Stage, outcomes: readonly ActOutcome[], world: World): Decision {
  const said = outcomeSaid(world, outcomes);
  const acted = new Set(outcomes.map((one) => one.incidentId));
  const next: World = {
    ...world,
    incidents: (world.kind === "incoming" ? without(world, stage.batch) : world.incidents).map((one) =>
      acted.has(one.incidentId) ? { ...one, isUnanswered: false } : one,
    ),
  };
  if (unanswered(next).length > 0) return tell({ ...stage, repeats: 0 }, next, said);
  return goodbye(stage, said, resultOf(outcomes));
}

const resultOf = (outcomes: readonly ActOutcome[]): string => {
  const kinds = outcomes.map(({ kind }) => kind);
  for (const kind of ["taken", "declined", "next", "others", "over"] as const) if (kinds.includes(kind)) return kind;
  return "refused";
};

function askPin(stage: Stage, world: World, before: readonly Sentence[] = []): Decision {
  const words = callWords[world.language];
  const said = [...before, plain(world, words.pin(world.organisation), ["hinoban", "enter-pin"])];
  return say(stage, said, { digits: world.pinLength ?? 4, listen: listenForPin });
}

function silentAtPin(stage: Stage, world: World): Decision {
  const counted = { ...stage, silences: stage.silences + 1 };
  return counted.silences >= mostPinSilences ? unansweredGoodbye(counted, world) : askPin(counted, world);
}

function pinChecked(stage: Stage, { isRight, isLocked }: Extract<ScriptEvent, { kind: "pin" }>, world: World): Decision {
  const words = callWords[world.language];
  if (isRight && !isLocked) return opening(stage, world);
  const counted = { ...stage, silences: 0, wrongPins: stage.wrongPins + 1 };
  if (isLocked || counted.wrongPins >= mostWrongPins) return goodbye(counted, [plain(world, words.lockedPin, ["wrong-pin"])], "pin");
  return askPin(counted, world, [plain(world, words.wrongPin, ["wrong-pin"])]);
}
