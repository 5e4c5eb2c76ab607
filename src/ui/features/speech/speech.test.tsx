import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { Call } from "#kit/call";
import { MembershipContext } from "#kit/session";
import type { MemberRole } from "#wire/permissions";
import { renderUi } from "../../testing/render.tsx";
import { base64Of } from "./base64.ts";
import { HearPanel } from "./HearPanel.tsx";
import { RecordingsPanel } from "./RecordingsPanel.tsx";
import { parseSpeechSearch } from "./speech-search.ts";
import { WordsPanel } from "./WordsPanel.tsx";

// A text area that grows listens to fonts, which this browser does not have.
Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });

type Asked = { readonly path: string; readonly method: string; readonly body: unknown };

/** A server that answers by path, and notes what it was asked. */
function server(answers: Readonly<Record<string, unknown>>) {
  const asked: Asked[] = [];
  const call: Call = (contract, input) => {
    asked.push({ path: contract.path, method: contract.method, body: input?.body });
    return Promise.resolve(answers[`${contract.method} ${contract.path.split("/speech/")[1] ?? ""}`] as never); // the answers of this test
  };
  return { asked, call };
}

const submitFormOf = (field: HTMLElement): void => {
  const form = field.closest("form");
  if (form) fireEvent.submit(form);
};

const show = (panel: React.ReactNode, call: Call, role: MemberRole = "owner") =>
  renderUi(
    <MembershipContext value={{ id: "o1", name: "acme", displayName: "Acme", role, timeZone: "Asia/Tokyo" } as never}>
      {panel}
    </MembershipContext>,
    { call },
  );

const programs = {
  programs: [
    { language: "ja", program: "open_jtalk", isReady: false, missing: ["voice"], found: { program: "/usr/bin/open_jtalk" } },
    { language: "en", program: "espeak-ng", isReady: true, missing: [], found: { program: "/usr/bin/espeak-ng" } },
  ],
  ownFolder: "/data/voices",
};

describe("the page of speech", () => {
  test("shows the reading of a sentence, also where the browser cannot play it, and what to install", async () => {
    const sentences = [
      { language: "en", text: "Alert of" },
      { language: "ja", text: "ななみ" },
    ];
    const { asked, call } = server({
      "GET programs": programs,
      "POST preview": { sentences, by: "prompts", milliseconds: 2340, audio: "" },
    });
    show(<HearPanel />, call);
    expect(await screen.findByText(/hts-voice-nitech/u)).toBeTruthy();
    expect(screen.getByText(/\/data\/voices/u)).toBeTruthy();
    const text = screen.getByRole("textbox");
    fireEvent.change(text, { target: { value: "Alert of 七海" } });
    submitFormOf(text);
    expect(await screen.findByText("ななみ")).toBeTruthy();
    expect(screen.getByText("2.3 seconds")).toBeTruthy();
    expect(screen.getByText(/Put together from recorded words/u)).toBeTruthy();
    expect(screen.getByText(/cannot play/u)).toBeTruthy();
    expect(asked.at(-1)?.body).toEqual({ text: "Alert of 七海", language: "en" });
  });

  test("takes a word into the dictionary", async () => {
    const { asked, call } = server({ "GET words": { words: [] } });
    show(<WordsPanel />, call);
    fireEvent.click(await screen.findByText("Add word"));
    fireEvent.change(await screen.findByLabelText("Written"), { target: { value: "nginx" } });
    fireEvent.change(screen.getByLabelText("Read as"), { target: { value: "engine X" } });
    submitFormOf(screen.getByLabelText("Read as"));
    await waitFor(() => expect(asked.some(({ method }) => method === "PUT")).toBe(true));
    expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ language: "en", written: "nginx", spoken: "engine X" });
  });

  test("lets a viewer listen, but change nothing", async () => {
    const recording = { id: "r1", key: "hinoban", language: "en", fileName: "us.wav", milliseconds: 1500, changedAt: 0 };
    const { call } = server({ "GET recordings": { recordings: [recording] } });
    show(<RecordingsPanel />, call, "viewer");
    expect(await screen.findByText("us.wav · 1.5 seconds")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Listen to “This is Hinoban.”" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: /Upload|Delete/u })).toBeNull();
  });
});

test("base64 of many bytes", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
  expect([...atob(base64Of(bytes))].map((letter) => letter.charCodeAt(0))).toEqual([...bytes]);
});

test("the address says which tab, and only one that there is", () => {
  expect(parseSpeechSearch({ tab: "names", kind: "host", page: "2" })).toEqual({ tab: "names", kind: "host", page: 2, text: undefined });
  expect(parseSpeechSearch({ tab: "x", kind: "role" })).toEqual({ tab: undefined, kind: undefined, page: undefined, text: undefined });
});
