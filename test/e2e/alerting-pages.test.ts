import { afterAll, beforeAll, describe } from "vitest";
import type { Visitor } from "#test/browser";
import { channelScreens, seedChannels } from "./support/channels.ts";
import { routingScreens, seedRouting } from "./support/downtimes.ts";
import { dutyScreens, seedDuty } from "./support/duty.ts";
import { withHouse, type Session } from "./support/house.ts";
import { policyScreens, seedPolicies } from "./support/policies.ts";
import { reportScreens, seedReports, type SeededReport } from "./support/reports.ts";
import { lookAt, twoVisitors } from "./support/screens.ts";
import { sourceScreens, seedSources } from "./support/sources.ts";
import { seedSpeech, speechScreens } from "./support/speech.ts";
import { seedTelephone, telephoneScreens, type SeededTelephone } from "./support/telephone.ts";
import { furnish, sato, settle, tanaka, type SeededHost } from "./support/seed.ts";

// Every screen of alerting, as pages.test.ts looks at the others.

describe("a house where something is wrong", () => {
  const house = withHouse({ agent: false, env: { HINOBAN_OUTGOING_ALLOW: "127.0.0.1/32" } });
  let hosts: readonly SeededHost[] = [];
  let report: SeededReport | undefined;
  let telephone: SeededTelephone | undefined;
  const sessions = new Map<Visitor["language"], Session>();
  beforeAll(async () => {
    const { owner, key } = await settle(house.url, house.setupUrl);
    hosts = await furnish(owner, key, { minutesBack: 30, minutesAhead: 0, step: 5 });
    await seedSources(house.url, owner);
    await seedChannels(owner);
    await seedPolicies(owner);
    await seedDuty(house.url, owner);
    await seedRouting(owner, hosts);
    report = await seedReports(owner);
    telephone = await seedTelephone(owner);
    await seedSpeech(owner);
    sessions.set("en", await house.sessionOf(sato));
    sessions.set("ja", await house.sessionOf(tanaka));
  });
  afterAll(() => telephone?.close());
  describe.each(twoVisitors)("$language, $scheme, $width px wide", (visitor) => {
    const screens = [
      ...sourceScreens,
      ...channelScreens,
      ...policyScreens,
      ...dutyScreens,
      ...routingScreens(() => hosts),
      ...reportScreens(() => report),
      ...telephoneScreens(() => telephone),
      ...speechScreens,
    ];
    lookAt(screens, visitor, house, () => sessions.get(visitor.language));
  });
});
