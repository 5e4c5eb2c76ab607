import { defineMessages } from "#kit/messages";

/** How bad it is. */
export const severityMessages = defineMessages({
  en: { critical: "Critical", error: "Error", warning: "Warning", information: "Information" },
  ja: { critical: "重大", error: "障害", warning: "警告", information: "情報" },
});
