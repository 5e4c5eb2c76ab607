import type { Text } from "../text.ts";

/** What becomes of one thing. `kept` = it exists here and differs from the source, and stays as it is here. */
export const outcomes = ["created", "changed", "unchanged", "kept", "left-out", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

/** What things are, with the word in front of one of them. */
export const kinds = {
  service: { en: "service ", ja: "サービス " },
  role: { en: "role ", ja: "ロール " },
  host: { en: "host ", ja: "ホスト " },
  metadata: { en: "metadata ", ja: "メタデータ " },
  dashboard: { en: "dashboard ", ja: "ダッシュボード " },
  annotation: { en: "annotation ", ja: "アノテーション " },
  metrics: { en: "metrics of ", ja: "メトリック " },
  other: { en: "", ja: "" },
} as const satisfies Record<string, Text>;
export type Kind = keyof typeof kinds;

/** One thing of the source, and what is to be done about it. */
export interface Step {
  /** As people call it: a host with its id, a dashboard's title. */
  readonly name: string | Text;
  /** What a dry run says; what was really done may differ. */
  readonly plan: Exclude<Outcome, "failed">;
  readonly why?: Text;
  /** Does it. Absent when there is nothing to do. @returns what was done, when that is not what was planned */
  readonly apply?: () => Promise<Done | undefined>;
}

export interface Done {
  readonly outcome: Exclude<Outcome, "failed">;
  readonly why?: Text;
}

/** Things of one kind. They are planned when the stage before is done, since they may stand on it. */
export interface Stage {
  readonly kind: Kind;
  readonly title: Text;
  plan(): Promise<readonly Step[]>;
}

/** One thing with what became of it. */
export interface Result {
  readonly kind: Kind;
  readonly name: string | Text;
  readonly outcome: Outcome;
  readonly why?: Text;
}

/** Runs `work` over all items, `most` at a time, and gives the answers in the order of the items. The first failure ends it. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !isOver) {
      const at = next;
      next += 1;
      const item = items[at];
      if (item === undefined) continue;
      try {
        answers[at] = await work(item);
      } catch (error) {
        isOver = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return answers;
}

/** Calls to one server that are under way at once: gentle to a source that counts them. */
export const atOnce = 4;
