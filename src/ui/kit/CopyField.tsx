import { ActionIcon, CopyButton, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import classes from "./CopyField.module.css";

/** A text to take along (command, key, link) with a button that copies it. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const m = useMessages(kitMessages);
  return (
    <TextInput
      label={label}
      value={value}
      readOnly
      w="100%"
      spellCheck={false}
      classNames={{ input: classes.value }}
      // On plain HTTP browsers forbid scripts to copy: then the text is at least selected.
      onFocus={(event) => event.currentTarget.select()}
      rightSection={
        <CopyButton value={value} timeout={2000}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? m.copied : m.copy} withArrow>
              <ActionIcon variant="subtle" aria-label={`${m.copy}: ${label}`} onClick={copy}>
                {copied ? <IconCheck aria-hidden size={18} /> : <IconCopy aria-hidden size={18} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      }
    />
  );
}
