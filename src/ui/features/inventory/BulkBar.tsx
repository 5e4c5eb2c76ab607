import { Button, Group, Menu, Paper, Text } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { bulkRetire, bulkStatus, hostStatuses, mostPerPage, type BulkResult, type HostStatus, type HostSummary } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useStatusNames } from "#kit/statuses";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { BulkRolesDialog } from "./BulkRolesDialog.tsx";
import { messages } from "./messages.ts";

export interface BulkBarProps {
  readonly selected: ReadonlySet<string>;
  /** The rows on the screen, from which an undo learns what was before. */
  readonly hosts: readonly HostSummary[];
  readonly onClear: () => void;
}

/** What can be done to the selected hosts at once. */
export function BulkBar({ selected, hosts, onClear }: BulkBarProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const statusNames = useStatusNames();
  const [open, setOpen] = useState<"roles" | "retire">();
  const ids = [...selected];
  const count = format.count(ids.length);
  const isTooMany = ids.length > mostPerPage;
  const close = (): void => setOpen(undefined);

  const report = (result: BulkResult, undo?: () => Promise<unknown>): void => {
    const changed = format.count(result.changed.length);
    const text =
      result.skipped.length === 0
        ? m.bulkDone({ count: changed })
        : m.bulkSkipped({ changed, skipped: format.count(result.skipped.length) });
    toasts.show({ text, ...(undo ? { undo } : {}) });
    void client.invalidateQueries({ queryKey: [org, "hosts"] });
  };
  const changeStatus = async (status: HostStatus): Promise<void> => {
    const before = statusesBefore(hosts, selected);
    try {
      const result = await call(bulkStatus, { params: { org }, body: { ids, status } });
      const undo = async (): Promise<void> => {
        for (const [old, group] of before) await call(bulkStatus, { params: { org }, body: { ids: group, status: old } });
        await client.invalidateQueries({ queryKey: [org, "hosts"] });
      };
      // Hosts selected on other pages are unknown here; half an undo would be worse than none.
      const knowsAll = [...before.values()].flat().length === ids.length;
      report(result, knowsAll && result.changed.length > 0 ? undo : undefined);
      onClear();
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
  const retire = async (): Promise<void> => {
    const result = await call(bulkRetire, { params: { org }, body: { ids } });
    report(result);
    onClear();
  };
  return (
    <Paper withBorder p="xs" mb="sm" role="region" aria-label={m.selected({ count })}>
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {m.selected({ count })}
        </Text>
        <Menu position="bottom-start" withArrow>
          <Menu.Target>
            <Button size="compact-md" variant="default" disabled={isTooMany} rightSection={<IconChevronDown aria-hidden size={14} />}>
              {m.changeStatus}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {hostStatuses.map((status) => (
              <Menu.Item key={status} onClick={() => void changeStatus(status)}>
                {statusNames[status]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button size="compact-md" variant="default" disabled={isTooMany} onClick={() => setOpen("roles")}>
          {m.editRoles}
        </Button>
        <Button size="compact-md" variant="default" c="var(--mantine-color-error)" disabled={isTooMany} onClick={() => setOpen("retire")}>
          {m.retire}
        </Button>
        <Button size="compact-md" variant="subtle" onClick={onClear}>
          {m.clearSelection}
        </Button>
        {isTooMany && <Text size="sm">{m.tooManySelected({ most: format.count(mostPerPage) })}</Text>}
      </Group>
      {open === "roles" && <BulkRolesDialog ids={ids} onDone={report} onClose={close} />}
      {open === "retire" && (
        <ConfirmDialog
          title={m.retireTitle({ count })}
          text={m.retireText}
          action={m.retireAction({ count })}
          typed={m.retireWord}
          isDangerous
          onConfirm={retire}
          onClose={close}
        />
      )}
    </Paper>
  );
}

/** The selected hosts by the status they have now. */
function statusesBefore(hosts: readonly HostSummary[], selected: ReadonlySet<string>): ReadonlyMap<HostStatus, string[]> {
  const groups = new Map<HostStatus, string[]>();
  for (const host of hosts) {
    if (selected.has(host.id)) groups.set(host.status, [...(groups.get(host.status) ?? []), host.id]);
  }
  return groups;
}
