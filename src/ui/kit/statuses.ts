import type { HostStatus } from "#wire/inventory";
import { defineMessages, useMessages } from "#kit/messages";

const statusMessages = defineMessages({
  en: { working: "Working", standby: "Standby", maintenance: "Maintenance", poweroff: "Power off" },
  ja: { working: "稼働中", standby: "スタンバイ", maintenance: "メンテナンス中", poweroff: "電源オフ" },
});

/** The host statuses by name. Mackerel's four words, which its users know in English; in Japanese what they mean. */
export const useStatusNames = (): Readonly<Record<HostStatus, string>> => useMessages(statusMessages);
