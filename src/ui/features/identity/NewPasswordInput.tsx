import { Group, List, PasswordInput, Progress, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { useId, type ComponentProps } from "react";
import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";
import { reportPassword, type PasswordStrength } from "./password.ts";

export interface NewPasswordInputProps extends ComponentProps<typeof PasswordInput> {
  /** The address that the password must not be. */
  readonly email: string;
}

const widths: Readonly<Record<PasswordStrength, number>> = { weak: 30, fair: 65, strong: 100 };
const colours: Readonly<Record<PasswordStrength, string>> = { weak: "red", fair: "yellow", strong: "green" };

/** A new password with its rules told while it is typed. */
export function NewPasswordInput({ email, ...input }: NewPasswordInputProps) {
  const m = useMessages(messages);
  const rulesId = useId();
  const password = typeof input.value === "string" ? input.value : "";
  const report = reportPassword(password, email);
  const names: Readonly<Record<PasswordStrength, string>> = { weak: m.strengthWeak, fair: m.strengthFair, strong: m.strengthStrong };
  return (
    <Stack gap={6}>
      <PasswordInput {...input} autoComplete="new-password" aria-describedby={rulesId} />
      {password !== "" && (
        <Group gap="xs" wrap="nowrap">
          <Progress
            value={widths[report.strength]}
            color={colours[report.strength]}
            flex={1}
            size="sm"
            aria-label={`${m.strength}: ${names[report.strength]}`}
          />
          <Text size="xs" c="dimmed" miw={44} aria-hidden>
            {names[report.strength]}
          </Text>
        </Group>
      )}
      <List id={rulesId} aria-label={m.passwordRules} listStyleType="none" size="xs" c="dimmed" spacing={2}>
        <Rule isMet={report.isLongEnough} text={m.ruleLength} />
        <Rule isMet={report.hasLettersAndDigits} text={m.ruleLetters} />
        <Rule isMet={report.isNotEmail} text={m.ruleNotEmail} />
      </List>
    </Stack>
  );
}

function Rule({ isMet, text }: { readonly isMet: boolean; readonly text: string }) {
  const m = useMessages(messages);
  const Icon = isMet ? IconCircleCheckFilled : IconCircle;
  return (
    <List.Item>
      <Group gap={6} wrap="nowrap" component="span">
        <Icon aria-hidden size={14} color={isMet ? "var(--mantine-color-green-light-color)" : "currentColor"} />
        {text}
        <VisuallyHidden component="span">{isMet ? m.ruleMet : m.ruleOpen}</VisuallyHidden>
      </Group>
    </List.Item>
  );
}
