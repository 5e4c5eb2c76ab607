import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import classes from "./CopyField.module.css";

/** A text to take along (command, key, link) with a button that copies it. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const m = useMessages(kitMessages);
  return (
    <div className={classes.field}>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <Group gap={0} wrap="nowrap" className={classes.frame}>
        {/* A long command scrolls; a scrolling region must be reachable by keyboard. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above */}
        <code className={classes.value} tabIndex={0} role="textbox" aria-readonly aria-label={label}>
          {value}
        </code>
        <CopyButton value={value} timeout={2000}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? m.copied : m.copy} withArrow>
              <ActionIcon variant="subtle" size="lg" aria-label={`${m.copy}: ${label}`} onClick={copy}>
                {copied ? <IconCheck aria-hidden size={18} /> : <IconCopy aria-hidden size={18} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
