import { act, screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { defineMessages, preferredLanguage, useLanguage, useMessages } from "#kit/messages";
import { renderUi } from "../testing/render.tsx";

const messages = defineMessages({
  en: { title: "Incidents", taken: (p: { by: string }) => `Taken by ${p.by}` },
  ja: { title: "インシデント", taken: (p) => `${p.by} が対応中` },
});

describe("messages", () => {
  test("do not compile without a Japanese text or with another parameter", () => {
    // @ts-expect-error -- `b` is missing
    defineMessages({ en: { a: "A", b: "B" }, ja: { a: "あ" } });
    // @ts-expect-error -- the parameter is called `by`
    defineMessages({ en: { taken: (p: { by: string }) => p.by }, ja: { taken: (p: { who: string }) => p.who } });
    expect(Object.keys(messages.ja)).toEqual(Object.keys(messages.en));
  });
  test("change with the language, which is remembered and told to the document", () => {
    function Sample() {
      const m = useMessages(messages);
      const { setLanguage } = useLanguage();
      return <button onClick={() => setLanguage("ja")}>{m.taken({ by: "Sato" })}</button>;
    }
    renderUi(<Sample />);
    act(() => screen.getByRole("button", { name: "Taken by Sato" }).click());
    expect(screen.getByRole("button").textContent).toBe("Sato が対応中");
    expect(document.documentElement.lang).toBe("ja");
    expect(localStorage.getItem("hinoban.language")).toBe("ja");
    localStorage.clear();
  });
  test("follow the browser's first language that is spoken here", () => {
    expect(preferredLanguage(["fr-FR", "ja-JP", "en"])).toBe("ja");
    expect(preferredLanguage(["de"])).toBe("en");
    expect(preferredLanguage([])).toBe("en");
  });
});
