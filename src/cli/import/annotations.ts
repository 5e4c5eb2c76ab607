import { asObject, listIn, textIn, type Api } from "../api.ts";
import type { Ends } from "./services.ts";
import { ifThere, type HeldService } from "./source.ts";
import type { Stage, Step } from "./steps.ts";

/** Unix seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The notes of all services within a span. They have no name, so one that says the same about the same time is the same. */
export function annotationStage({ source, target }: Ends, read: () => Promise<readonly HeldService[]>, span: Span): Stage {
  return {
    kind: "annotation",
    title: { en: "annotations", ja: "グラフアノテーション" },
    plan: async () => {
      const steps: Step[] = [];
      for (const { name: service } of await read()) {
        const [theirs, ours] = await Promise.all([notes(source, service, span), ifThere(notes(target, service, span))]);
        const known = new Set(ours?.map(keyOf));
        for (const note of theirs) {
          const name = `${service} ${textIn(note, "title")}`;
          const isNew = !known.has(keyOf(note));
          known.add(keyOf(note));
          const create = (): Promise<undefined> => target.call("POST", "/api/v0/graph-annotations", contentOf(note)).then(() => undefined);
          steps.push(isNew ? { name, plan: "created", apply: create } : { name, plan: "unchanged" });
        }
      }
      return steps;
    },
  };
}

const notes = async (api: Api, service: string, { from, to }: Span): Promise<readonly unknown[]> =>
  listIn(await api.get("/api/v0/graph-annotations", { service, from, to }), "graphAnnotations");

function contentOf(note: unknown): object {
  const { id: _id, ...content } = asObject(note);
  return content;
}

const keyOf = (note: unknown): string => {
  const { title, description, from, to, service } = asObject(note);
  return JSON.stringify([title, description ?? "", from, to, service, listIn(note, "roles").map(String).toSorted()]);
};
