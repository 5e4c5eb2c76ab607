import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { unixMs } from "#base/duration";
import type { Key } from "#wire/keys";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { messages } from "./people-messages.ts";

const tones: Readonly<Record<Key["state"], Tone>> = { active: "good", expired: "attention", revoked: "off" };

export function useKeyColumns(onRevoke: (key: Key) => void): readonly Column<Key>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mayChange = useMay("key.change");
  const states: Readonly<Record<Key["state"], string>> = { active: m.keyActive, expired: m.keyExpired, revoked: m.keyRevoked };
  const at = (time: number | undefined, absent?: string) => (
    <TimeCell at={time === undefined ? undefined : unixMs(time)} {...(absent === undefined ? {} : { absent })} />
  );
  return [
    {
      key: "name",
      header: m.keyName,
      isRowHeader: true,
      cell: (key) => (
        <Group gap="xs">
          {key.name}
          {key.isLocalAgent && (
            <Badge variant="light" tt="none">
              {m.localAgent}
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "rights", header: m.rights, cell: (key) => m[`rights-${key.rights}`] },
    { key: "state", header: m.keyState, cell: (key) => <StateCell tone={tones[key.state]} label={states[key.state]} /> },
    { key: "networks", header: m.networks, cell: (key) => (key.networks.length === 0 ? m.anywhere : key.networks.join(", ")) },
    { key: "expires", header: m.expires, cell: (key) => at(key.expiresAt, m.noExpiry) },
    { key: "lastUsed", header: m.lastUsed, cell: (key) => at(key.lastUsedAt, m.unused) },
    {
      key: "created",
      header: m.created,
      cell: (key) => (
        <Stack gap={0}>
          {at(key.createdAt)}
          {key.createdByName !== undefined && (
            <Text size="xs" c="dimmed">
              {m.createdBy({ name: key.createdByName })}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (key) =>
        mayChange && key.state !== "revoked" ? (
          <Button size="compact-sm" variant="default" aria-label={m.revokeOf({ name: key.name })} onClick={() => onRevoke(key)}>
            {m.revoke}
          </Button>
        ) : undefined,
    },
  ];
}
