import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unixMs } from "#base/duration";
import { recordedSentences } from "#base/reading/sentences";
import { firstStage, keysOfKind, type ActOutcome, type Brief, type Stage, type World } from "./model.ts";
import { decide, keysOf, type Decision, type ScriptEvent } from "./script.ts";
import { callWords, promptNames, spokenTime } from "./words.ts";

const at = unixMs(Date.UTC(2026, 10, 21, 14, 5));

const brief = (incidentId: string, more: Partial<Brief> = {}): Brief => ({
  incidentId,
  number: 12,
  title: `web01: CPU ${incidentId}`,
  found: "CPU % 96.2 > 90",
  severity: "critical",
  openedAt: at,
  alsoKnown: [],
  details: { services: [], alerts: [], openAlerts: 1, description: "" },
  standing: { kind: "open" },
  isUnanswered: true,
  ...more,
});

const world = (more: Partial<World> = {}): World => ({
  kind: "incident",
  language: "ja",
  timeZone: "Asia/Tokyo",
  now: at,
  organisation: "岐阜大学",
  person: "タナカ",
  incidents: [brief("a")],
  takeKey: undefined,
  pinLength: undefined,
  hasNextStep: false,
  code: undefined,
  announcement: undefined,
  ...more,
});

const textOf = (decision: Decision): string =>
  decision.kind === "say" ? decision.turn.say.map(({ text }) => text).join(" ") : decision.kind;
const answer = (of: World, stage: Stage = firstStage): Decision => decide(stage, { kind: "answered" }, of);
function after(of: World, ...events: readonly ScriptEvent[]): Decision {
  let decision = answer(of);
  for (const event of events) decision = decide(decision.kind === "check-pin" ? firstStage : decision.stage, event, of);
  return decision;
}
const keys = (digits: string): ScriptEvent => ({ kind: "keys", digits });

describe("what a call says", () => {
  it("begins with who calls, how bad it is, what, since when, and what can be pressed", () => {
    expect(textOf(answer(world()))).toBe(
      "岐阜大学、火の番です。 重大な警報です。 web01: CPU a。 CPU % 96.2 > 90。 23時5分からです。 対応する方は 1、対応できない方は 2、もう一度聞くには 3、詳しく聞くには 4 を押してください。",
    );
    expect(textOf(answer(world({ language: "en", organisation: "Gifu University" })))).toBe(
      "This is Hinoban for Gifu University. A critical alert. web01: CPU a. CPU % 96.2 > 90. Since 23:05. To take it, press 1; if you cannot, 2; to hear it again, 3; for details, 4.",
    );
  });

  it("says what other features know, and details when they are asked for", () => {
    const one = brief("a", {
      alsoKnown: ["交換用の電源は棚 3 にあります"],
      details: { services: ["Shop"], alerts: ["web01、CPU、96 %", "db01、Disk、99 %"], openAlerts: 2, description: "空調も止まった" },
    });
    expect(textOf(answer(world({ incidents: [one] })))).toContain("交換用の電源は棚 3 にあります。");
    const text = textOf(after(world({ incidents: [one] }), keys("4")));
    for (const part of ["サービスは、Shopです。", "アラートは2件です。", "web01、CPU、96 %。", "空調も止まった。"])
      expect(text).toContain(part);
  });

  it("offers the next step only where somebody can be asked for it", () => {
    expect(textOf(answer(world({ hasNextStep: true })))).toContain("次の段階に進めるには 9");
    expect(after(world({ hasNextStep: true }), keys("9"))).toMatchObject({ kind: "act", action: "next", incidentIds: ["a"] });
    expect(after(world(), keys("9"))).toMatchObject({ kind: "say" });
  });

  it("tells at most five at once and says how many more there are; one key is about those that were told", () => {
    const many = world({ incidents: Array.from({ length: 8 }, (_, index) => brief(`i${index}`)) });
    expect(textOf(answer(many))).toContain("ほかに3件あります。");
    const pressed = after(many, keys("1"));
    expect(pressed).toMatchObject({ kind: "act", incidentIds: ["i0", "i1", "i2", "i3", "i4"] });
    const outcomes = pressed.kind === "act" ? pressed.incidentIds.map((incidentId): ActOutcome => ({ incidentId, kind: "taken" })) : [];
    const rest = decide(pressed.kind === "act" ? pressed.stage : firstStage, { kind: "done", outcomes }, many);
    expect(textOf(rest)).toContain("5件を、タナカさんの担当として記録しました。");
    expect(rest).toMatchObject({ kind: "say", turn: { isLast: false }, stage: { batch: ["i5", "i6", "i7"] } });
  });

  it("says who has it when somebody was faster, and that it is over when it is", () => {
    const others = world({ incidents: [brief("a", { standing: { kind: "others", name: "スズキ" } })] });
    expect(textOf(answer(others))).toContain("すでにスズキさんが対応しています。");
    expect(answer(others)).toMatchObject({ turn: { isLast: true } });
    expect(textOf(answer(world({ incidents: [brief("a", { standing: { kind: "over" } })] })))).toContain("すでに復旧しました。");
  });

  it("reads a code digit by digit, three times", () => {
    expect(answer(world({ kind: "code", code: "047118" }))).toMatchObject({ turn: { times: 3, digits: 0, isLast: true } });
    expect(textOf(answer(world({ kind: "code", code: "047118" })))).toContain("0、4、7、1、1、8");
  });

  it("passes a test when its key was pressed", () => {
    expect(after(world({ kind: "weekly" }), keys("1"))).toMatchObject({ kind: "say", result: "confirmed", turn: { isLast: true } });
    expect(after(world({ kind: "test" }), { kind: "silent" }, { kind: "silent" }, { kind: "silent" })).toMatchObject({
      result: "unanswered",
    });
  });

  it("tells one after the other to somebody who calls, and lets them go past one", () => {
    const calls = world({ kind: "incoming", pinLength: 4, incidents: [brief("a"), brief("b"), brief("c")] });
    const pin: ScriptEvent = { kind: "pin", isRight: true, isLocked: false };
    expect(textOf(after(calls, pin))).toContain("タナカさん、担当者のいない件が3件あります。");
    expect(after(calls, pin, keys("2"))).toMatchObject({ stage: { batch: ["b"] } });
    expect(after(calls, pin, keys("2"), keys("2"), keys("2"))).toMatchObject({ turn: { isLast: true } });
    expect(after(calls, pin, keys("2"), keys("3"))).toMatchObject({ stage: { batch: ["b"] } });
    const taken = decide({ ...firstStage, batch: ["b"] }, { kind: "done", outcomes: [{ incidentId: "b", kind: "taken" }] }, calls);
    expect(taken).toMatchObject({ stage: { batch: ["c"] } });
    expect(textOf(answer(world({ kind: "incoming", person: "", incidents: [] })))).toBe("この番号からのご用件は承れません。");
  });

  it("tells somebody who calls and has no PIN how much there is, and nothing of it", () => {
    const calls = world({ kind: "incoming", incidents: [brief("a"), brief("b")] });
    expect(answer(calls)).toMatchObject({ turn: { isLast: true }, result: "refused" });
    expect(textOf(answer(calls))).toContain("担当者のいない件が2件あります。");
    expect(textOf(answer(calls))).toContain("暗証番号を設定");
    expect(textOf(answer(calls))).not.toMatch(/CPU|タナカ/u);
  });

  it("says the day of what began on another one, on the clock of the listener", () => {
    const night = unixMs(Date.UTC(2026, 10, 20, 15, 0));
    expect(spokenTime(night, at, "Asia/Tokyo", "ja")).toBe("0時");
    expect(spokenTime(night, at, "America/New_York", "ja")).toBe("11月20日10時");
    expect(spokenTime(night, at, "America/New_York", "en")).toBe("20 November, 10:00");
  });

  it("has recorded words for all that it says by name", () => {
    expect([...promptNames].toSorted()).toEqual(Object.keys(recordedSentences).toSorted());
    const words = new Set<string>([...promptNames, ..."0123456789"]);
    const spoken = [answer(world()), answer(world({ pinLength: 4 })), answer(world({ kind: "test" })), after(world(), keys("7"))];
    for (const decision of spoken) {
      const prompts = decision.kind === "say" ? decision.turn.say.flatMap((one) => one.prompts ?? []) : [];
      expect(prompts.filter((name) => !words.has(name))).toEqual([]);
    }
  });
});

const anyEvent: fc.Arbitrary<ScriptEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("keys" as const), digits: fc.stringMatching(/^[0-9*#A-D]{0,8}$/u) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "silent" as const }) },
);
const anyStanding: fc.Arbitrary<Brief["standing"]> = fc.oneof(
  fc.constant({ kind: "open" as const }),
  fc.constant({ kind: "mine" as const }),
  fc.constant({ kind: "others" as const, name: "スズキ" }),
  fc.constant({ kind: "over" as const }),
);
const anyWorld: fc.Arbitrary<World> = fc
  .record({
    kind: fc.constantFrom("incident" as const, "incoming" as const, "test" as const, "weekly" as const, "code" as const),
    language: fc.constantFrom("ja" as const, "en" as const),
    standings: fc.array(anyStanding, { maxLength: 8 }),
    takeKey: fc.option(fc.constantFrom("5", "6", "7", "8"), { nil: undefined }),
    pinLength: fc.option(fc.integer({ min: 4, max: 8 }), { nil: undefined }),
    person: fc.constantFrom("", "タナカ"),
    hasNextStep: fc.boolean(),
  })
  .map(({ standings, ...more }) =>
    world({ ...more, code: "123456", incidents: standings.map((standing, index) => brief(`i${index}`, { standing })) }),
  );

describe("whatever is pressed", () => {
  it("every call ends, nothing is taken that was not told, and only the right keys take", () => {
    fc.assert(
      fc.property(anyWorld, fc.array(anyEvent, { minLength: 60, maxLength: 60 }), fc.boolean(), (of, events, knowsPin) => {
        let stage = firstStage;
        let told = new Set<string>();
        let isOver = false;
        const hear = (decision: Decision): void => {
          if (decision.kind !== "say") return;
          stage = decision.stage;
          told = new Set([...told, ...decision.stage.batch]);
          isOver ||= decision.turn.isLast;
          expect(decision.turn.isLast || decision.turn.digits > 0).toBe(true);
        };
        hear(answer(of));
        for (const event of events) {
          if (isOver) break;
          const decision = decide(stage, event, of);
          if (decision.kind === "check-pin") {
            expect(told.size).toBe(0); // nothing is told before the PIN
            hear(decide(stage, { kind: "pin", isRight: knowsPin, isLocked: false }, of));
          } else if (decision.kind === "act") {
            for (const id of decision.incidentIds) expect(told.has(id)).toBe(true);
            const digit = event.kind === "keys" ? event.digits : "";
            expect(keysOf(of).find((key) => key.digit === digit)?.action).toBe(decision.action);
            const acted = new Set(decision.incidentIds);
            of = { ...of, incidents: of.incidents.map((one) => (acted.has(one.incidentId) ? { ...one, isUnanswered: false } : one)) };
            const outcomes = decision.incidentIds.map((incidentId): ActOutcome => ({ incidentId, kind: "taken" }));
            hear(decide(decision.stage, { kind: "done", outcomes }, of));
          } else hear(decision);
        }
        expect(isOver).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("is the same for the same stage, event and world", () => {
    fc.assert(
      fc.property(anyWorld, anyEvent, (of, event) => {
        expect(decide(firstStage, event, of)).toEqual(decide(firstStage, event, of));
      }),
    );
  });

  it("means one thing: no digit has two meanings in any kind of call", () => {
    for (const kind of Object.keys(keysOfKind) as (keyof typeof keysOfKind)[])
      for (const takeKey of [undefined, "5", "6", "7", "8"]) {
        const digits = keysOf({ kind, takeKey, hasNextStep: true }).map(({ digit }) => digit);
        expect(new Set(digits).size).toBe(digits.length);
      }
    expect(Object.keys(callWords.en)).toEqual(Object.keys(callWords.ja));
  });
});
