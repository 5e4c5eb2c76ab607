import { Group, Text } from "@mantine/core";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { AnchorLink } from "../../kit/links.tsx";
import { messages } from "./messages.ts";

/** The roles of a host, each leading to its page. */
export function RoleBadges({ roles }: { readonly roles: readonly string[] }) {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  if (roles.length === 0) {
    return (
      <Text span size="sm" c="dimmed">
        {m.noRoles}
      </Text>
    );
  }
  return (
    <Group gap="4px 12px">
      {roles.map((fullName) => {
        const [service = "", role = ""] = fullName.split(":");
        return (
          <AnchorLink key={fullName} to="/o/$org/services/$service/roles/$role" params={{ org, service, role: role.trim() }} size="sm">
            {fullName}
          </AnchorLink>
        );
      })}
    </Group>
  );
}
