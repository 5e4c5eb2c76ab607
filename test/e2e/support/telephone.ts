import type { ApiClient } from "#test/api-client";
import { FakeHttpCarrier } from "#test/carriers/fake-http-carrier";
import { until } from "#test/until";
import { button, dialog, say, type Screen } from "./screens.ts";
import { org } from "./seed.ts";

const at = `/api/v1/orgs/${org}`;
const number = "+819012345678";

/** A line that works, one that fails, one that is off, and a call that was answered and confirmed. */
export interface SeededTelephone {
  readonly callId: string;
  readonly close: () => Promise<void>;
}

export async function seedTelephone(owner: ApiClient): Promise<SeededTelephone> {
  const carrier = await FakeHttpCarrier.open();
  carrier.phones.set(number, { kind: "answers", keys: () => "1" });
  const create = (body: object): Promise<{ id: string }> => owner.get("POST", `${at}/lines`, { priority: 1, capacity: 4, ...body });
  const costs = { pricePerMinute: 18, currency: "JPY", monthlyCost: 5000 };
  const main = await create({
    kind: "http",
    preset: "http",
    name: "Main line 本回線",
    url: `${carrier.url}/calls`,
    signingKey: carrier.signingKey,
    from: "03-1234-5678",
    ...costs,
  });
  const registered = { registers: true, userName: "0312345678", password: "himitsu", dialForm: "national", countryCode: "81" };
  await create({ kind: "sip", preset: "account", name: "Spare line", domain: "127.0.0.1", port: 9, priority: 2, ...registered });
  const off = await create({
    kind: "sip",
    preset: "extension",
    name: "PBX 内線",
    domain: "127.0.0.1",
    port: 9,
    priority: 3,
    ...registered,
  });
  await owner.get("POST", `${at}/lines/${off.id}/switch`, { isOn: false });
  await owner.get("POST", `${at}/my/contacts`, { kind: "phone", address: number, label: "mobile" });
  await owner.get("PUT", `${at}/my/calls`, { hasRandomDigit: false, weekly: { isOn: true, weekday: 1, time: "10:00" } });
  const lineState = async (id: string): Promise<string> =>
    (await owner.get<{ line: { state: string } }>("GET", `${at}/lines/${id}`)).line.state;
  await until("the line is ready", 20_000, async () => (await lineState(main.id)) === "ready");
  const { id: callId } = await owner.get<{ id: string }>("POST", `${at}/calls/me`, { lineId: main.id });
  await until(
    "the call is over",
    30_000,
    async () => (await owner.get<{ call: { state: string } }>("GET", `${at}/calls/${callId}`)).call.state === "over",
  );
  return { callId, close: () => carrier.close() };
}

/** The set-up of a line in front of the list of lines, and one call with what was said. */
export const telephoneScreens = (telephone: () => SeededTelephone | undefined): readonly Screen[] => [
  {
    name: "telephone lines, one being added",
    path: () => `/o/${org}/telephone`,
    title: say("Telephone", "電話回線"),
    open: async (page, text) => {
      await button(page, text(say("Add a line", "回線を追加"))).click();
      await dialog(page);
      await page.getByRole("radio", { name: text(say("Extension of a PBX", "PBX の内線")) }).click();
      await button(page, text(say("Next", "次へ"))).click();
      await page.getByLabel(text(say("Dialled before every number", "先頭に付ける番号"))).fill("0");
      await page.getByText(text(say("is dialled as 009012345678", "には 009012345678 とダイヤルします"))).waitFor();
    },
  },
  {
    name: "a call with what was said",
    path: () => `/o/${org}/calls/${telephone()?.callId}`,
    title: say("Call to Sato Hanako", "Sato Hanako さんへの通話"),
    open: (page, text) => page.getByText(text(say("The call ended", "通話終了")), { exact: false }).waitFor(),
  },
];
