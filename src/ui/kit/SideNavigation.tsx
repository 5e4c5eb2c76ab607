import { Text } from "@mantine/core";
import {
  IconHistory,
  IconFlame,
  IconKey,
  IconPlugConnected,
  IconLayoutDashboard,
  IconServer2,
  IconSettings,
  IconShare,
  IconStack2,
  IconUsers,
} from "@tabler/icons-react";
import type { Membership } from "#wire/identity";
import { useMessages } from "#kit/messages";
import { roleMay } from "#kit/session";
import { shellMessages } from "#kit/shell-messages";
import { NavItem } from "./links.tsx";

const active = { "data-active": true };

/** The pages of an organisation. What the role may not see is not offered. */
export function SideNavigation({ membership }: { readonly membership: Membership }) {
  const m = useMessages(shellMessages);
  const params = { org: membership.name };
  return (
    <>
      <GroupTitle>{m.watch}</GroupTitle>
      <NavItem
        to="/o/$org/hosts"
        params={params}
        label={m.hosts}
        leftSection={<IconServer2 aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/services"
        params={params}
        label={m.services}
        leftSection={<IconStack2 aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/dashboards"
        params={params}
        label={m.dashboards}
        leftSection={<IconLayoutDashboard aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/history"
        params={params}
        label={m.history}
        leftSection={<IconHistory aria-hidden size={18} />}
        activeProps={active}
      />
      <GroupTitle>{m.manage}</GroupTitle>
      <NavItem
        to="/o/$org/people"
        params={params}
        label={m.people}
        leftSection={<IconUsers aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/shares"
        params={params}
        label={m.shares}
        leftSection={<IconShare aria-hidden size={18} />}
        activeProps={active}
      />
      {roleMay(membership.role, "key.view") && (
        <NavItem to="/o/$org/keys" params={params} label={m.keys} leftSection={<IconKey aria-hidden size={18} />} activeProps={active} />
      )}
      <NavItem
        to="/o/$org/zabbix"
        params={params}
        label={m.zabbix}
        leftSection={<IconPlugConnected aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/prometheus"
        params={params}
        label={m.prometheus}
        leftSection={<IconFlame aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/settings"
        params={params}
        label={m.settings}
        leftSection={<IconSettings aria-hidden size={18} />}
        activeProps={active}
      />
    </>
  );
}

function GroupTitle({ children }: { readonly children: string }) {
  return (
    <Text size="xs" c="dimmed" fw={600} px="sm" pt="xs" pb={4}>
      {children}
    </Text>
  );
}
