import type { ApiClient } from "#test/api-client";
import { button, dialog, say, type Screen } from "./screens.ts";
import { org } from "./seed.ts";

const at = `/api/v1/orgs/${org}/speech`;

/** A dictionary with a word in each language. */
export async function seedSpeech(owner: ApiClient): Promise<void> {
  await owner.get("PUT", `${at}/words`, { language: "ja", written: "七海商事", spoken: "ななみしょうじ" });
  await owner.get("PUT", `${at}/words`, { language: "en", written: "Nanami Corp.", spoken: "nah-nah-mee corporation" });
}

/** What a sentence is read as, with the state of the programs; and a word in front of the dictionary. */
export const speechScreens: readonly Screen[] = [
  {
    name: "speech, a sentence heard",
    path: () => `/o/${org}/speech`,
    title: say("Speech", "音声合成"),
    open: async (page, text) => {
      await button(page, text(say("Listen", "聞く"))).click();
      await page.getByRole("region", { name: text(say("What is spoken", "読み上げる内容")) }).waitFor();
    },
  },
  {
    name: "the reading dictionary, a word being changed",
    path: () => `/o/${org}/speech?tab=words`,
    title: say("Speech", "音声合成"),
    open: async (page, text) => {
      await button(page, text(say("Edit: 七海商事", "編集: 七海商事"))).click();
      await dialog(page);
    },
  },
];
