import { Radio, Stack } from "@mantine/core";
import { memberRoles, type MemberRole } from "#wire/permissions";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { messages } from "./people-messages.ts";
import { useRoleNames } from "./role-messages.ts";

export interface RoleChoiceProps {
  readonly name: string;
  readonly value: MemberRole;
  readonly error: string | undefined;
  readonly onChange: (role: MemberRole) => void;
}

/** A member's role with what each allows. Nobody gives more than they have. */
export function RoleChoice({ name, value, error, onChange }: RoleChoiceProps) {
  const m = useMessages(messages);
  const roles = useRoleNames();
  const own = memberRoles.indexOf(useOrganisation().role);
  return (
    <Radio.Group
      name={name}
      label={m.role}
      value={value}
      error={error}
      onChange={(text) => {
        const chosen = memberRoles.find((role) => role === text);
        if (chosen) onChange(chosen);
      }}
    >
      <Stack gap="xs" mt={6}>
        {memberRoles.map((role, rank) => (
          <Radio key={role} value={role} label={roles.name(role)} description={roles.hint(role)} disabled={rank > own} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
