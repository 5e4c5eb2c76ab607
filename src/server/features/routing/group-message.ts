import type { UnixMs } from "#base/duration";
import type { AlertStatus } from "#wire/alerting";
import type { AlertGroupSetting } from "./alert-group-settings.ts";
import { severityOfWorst } from "./collection.ts";
import type { OrganisationFacts } from "./facts.ts";
import { alertGroupBody } from "./mackerel-body.ts";
import type { Message } from "./message.ts";
import { mentionOf, pageOf } from "./notices.ts";
import { texts } from "./texts.ts";

/** An alert group as one message tells it. */
export interface GroupTold {
  readonly id: string;
  readonly setting: AlertGroupSetting;
  readonly status: AlertStatus;
  readonly createdAt: UnixMs;
  readonly closedAt: UnixMs | undefined;
  readonly size: number;
  readonly nth: number;
  readonly channelIds: readonly string[];
}

export function groupMessage(organisation: OrganisationFacts, group: GroupTold): Message {
  const { id, setting, status, size, nth, channelIds } = group;
  return {
    key: `alert-group:${id}:${nth}`,
    about: `alert-group:${id}`,
    line: { kind: "group", status, name: setting.name, text: "" },
    channelIds,
    write: (to) => {
      const words = texts[to.language];
      return {
        severity: severityOfWorst[status],
        tone: status === "OK" ? "good" : "bad",
        title: `[${status}] ${words.alertGroup(setting.name)}`,
        summary: status === "OK" ? words.alertGroupOver : words.alertGroupSummary(size, status),
        facts: setting.memo === "" ? [] : [{ label: words.memo, value: setting.memo }],
        url: pageOf(organisation, "alerts"),
        actions: [],
        thread: `alert-group:${id}`,
        picture: undefined,
        mackerel: alertGroupBody(organisation, group),
        mention: mentionOf(status),
      };
    },
  };
}
