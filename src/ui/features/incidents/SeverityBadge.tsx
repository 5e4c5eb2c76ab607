import { Badge } from "@mantine/core";
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle, IconUrgent } from "@tabler/icons-react";
import type { Severity } from "#wire/alerting";
import { useMessages } from "#kit/messages";
import { severityMessages } from "./severity-messages.ts";

const looks = {
  critical: { Icon: IconUrgent, variant: "filled", color: "red" },
  error: { Icon: IconAlertOctagon, variant: "light", color: "red" },
  warning: { Icon: IconAlertTriangle, variant: "light", color: "yellow" },
  information: { Icon: IconInfoCircle, variant: "light", color: "ai" },
} as const;

/** How bad it is: a word, a shape and a colour, so that no two severities differ by colour alone. */
export function SeverityBadge({ severity, size = "md" }: { readonly severity: Severity; readonly size?: "md" | "lg" }) {
  const m = useMessages(severityMessages);
  const { Icon, variant, color } = looks[severity];
  return (
    <Badge
      variant={variant}
      color={color}
      size={size}
      tt="none"
      fw={600}
      miw="max-content"
      leftSection={<Icon aria-hidden size={size === "lg" ? 16 : 13} />}
    >
      {m[severity]}
    </Badge>
  );
}
