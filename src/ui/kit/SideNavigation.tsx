import { Badge, Text } from "@mantine/core";
import {
  IconArrowsSplit2,
  IconBell,
  IconCalendarCog,
  IconDeviceLandlinePhone,
  IconPhone,
  IconPhoneCall,
  IconUsersGroup,
  IconEyeCheck,
  IconFileAnalytics,
  IconMessageCircleUser,
  IconMoonStars,
  IconUrgent,
  IconVolume,
  IconHistory,
  IconFlame,
  IconHeartbeat,
  IconKey,
  IconPlugConnected,
  IconLayoutDashboard,
  IconRoute,
  IconSend,
  IconServer2,
  IconSettings,
  IconShare,
  IconStack2,
  IconStairsUp,
  IconUsers,
} from "@tabler/icons-react";
import type { Membership } from "#wire/identity";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOpenIncidents } from "#kit/open-incidents";
import { roleMay } from "#kit/session";
import { shellMessages } from "#kit/shell-messages";
import { NavItem } from "./links.tsx";

const active = { "data-active": true };

/** The pages of an organisation. What the role may not see is not offered. */
export function SideNavigation({ membership }: { readonly membership: Membership }) {
  return (
    <>
      <RespondGroup membership={membership} />
      <WatchGroup membership={membership} />
      <ManageGroup membership={membership} />
    </>
  );
}

interface GroupProps {
  readonly membership: Membership;
}

/** What is wrong, and who looks after it. */
function RespondGroup({ membership }: GroupProps) {
  const m = useMessages(shellMessages);
  const params = { org: membership.name };
  return (
    <>
      <GroupTitle>{m.respond}</GroupTitle>
      <NavItem
        to="/o/$org/incidents"
        params={params}
        label={m.incidents}
        leftSection={<IconUrgent aria-hidden size={18} />}
        rightSection={<IncidentBadge />}
        activeProps={active}
      />
      <NavItem to="/o/$org/alerts" params={params} label={m.alerts} leftSection={<IconBell aria-hidden size={18} />} activeProps={active} />
      <NavItem to="/o/$org/calls" params={params} label={m.calls} leftSection={<IconPhone aria-hidden size={18} />} activeProps={active} />
      <NavItem
        to="/o/$org/duty"
        params={params}
        label={m.duty}
        leftSection={<IconPhoneCall aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/reports"
        params={params}
        label={m.reports}
        leftSection={<IconFileAnalytics aria-hidden size={18} />}
        activeProps={active}
      />
    </>
  );
}

/** What is watched. */
function WatchGroup({ membership }: GroupProps) {
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
        to="/o/$org/monitors"
        params={params}
        label={m.monitors}
        leftSection={<IconEyeCheck aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/downtimes"
        params={params}
        label={m.downtimes}
        leftSection={<IconMoonStars aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem to="/o/$org/path" params={params} label={m.path} leftSection={<IconRoute aria-hidden size={18} />} activeProps={active} />
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
    </>
  );
}

/** What is set up once. */
function ManageGroup({ membership }: GroupProps) {
  const m = useMessages(shellMessages);
  const params = { org: membership.name };
  return (
    <>
      <GroupTitle>{m.manage}</GroupTitle>
      <NavItem
        to="/o/$org/people"
        params={params}
        label={m.people}
        leftSection={<IconUsers aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/teams"
        params={params}
        label={m.teams}
        leftSection={<IconUsersGroup aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/calendars"
        params={params}
        label={m.calendars}
        leftSection={<IconCalendarCog aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/shares"
        params={params}
        label={m.shares}
        leftSection={<IconShare aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/chat-accounts"
        params={params}
        label={m.chatAccounts}
        leftSection={<IconMessageCircleUser aria-hidden size={18} />}
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
        to="/o/$org/channels"
        params={params}
        label={m.channels}
        leftSection={<IconSend aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/telephone"
        params={params}
        label={m.telephone}
        leftSection={<IconDeviceLandlinePhone aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/speech"
        params={params}
        label={m.speech}
        leftSection={<IconVolume aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/notification-groups"
        params={params}
        label={m.notificationGroups}
        leftSection={<IconArrowsSplit2 aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/policies"
        params={params}
        label={m.policies}
        leftSection={<IconStairsUp aria-hidden size={18} />}
        activeProps={active}
      />
      <NavItem
        to="/o/$org/sources"
        params={params}
        label={m.sources}
        leftSection={<IconHeartbeat aria-hidden size={18} />}
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

/** How many incidents nobody has; nothing while there is none. */
function IncidentBadge() {
  const m = useMessages(shellMessages);
  const format = useFormat();
  const counts = useOpenIncidents();
  if (counts === undefined || counts.open === 0) return undefined;
  const count = format.count(counts.open);
  return (
    <Badge variant="filled" color="red" size="sm" aria-label={m.incidentsOpen({ count })} role="img">
      {count}
    </Badge>
  );
}

function GroupTitle({ children }: { readonly children: string }) {
  return (
    <Text size="xs" c="dimmed" fw={600} px="sm" pt="xs" pb={4}>
      {children}
    </Text>
  );
}
