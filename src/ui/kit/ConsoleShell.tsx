import { AppShell, Burger, Group, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useRouterState } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import type { Membership, SignedIn } from "#wire/identity";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { AccountMenu } from "./AccountMenu.tsx";
import { Logo } from "./Logo.tsx";
import { OrganisationMenu } from "./OrganisationMenu.tsx";
import { ShortcutHelp } from "./ShortcutHelp.tsx";
import { SideNavigation } from "./SideNavigation.tsx";
import classes from "./ConsoleShell.module.css";

export interface ConsoleShellProps {
  readonly session: SignedIn;
  /** The organisation of the page; without one (on the account's page) there is no side navigation. */
  readonly membership: Membership | undefined;
  readonly onSignOut: () => void;
  /** What stands in the top bar beside the account's menu. */
  readonly status?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every page behind the login: top bar, side navigation (a drawer on narrow screens), shortcuts. */
export function ConsoleShell({ session, membership, onSignOut, status, children }: ConsoleShellProps) {
  const m = useMessages(kitMessages);
  const [isOpen, drawer] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { close } = drawer;
  // A page chosen in the drawer closes it.
  useEffect(close, [path, close]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !isOpen, desktop: !membership } }}
      padding="md"
    >
      <a href="#content" className={classes.skip}>
        {m.skipToContent}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          {membership && (
            <Burger
              opened={isOpen}
              onClick={drawer.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? m.closeNavigation : m.openNavigation}
              aria-expanded={isOpen}
            />
          )}
          <UnstyledButton className={classes.brand} renderRoot={(props) => <Link to="/" aria-label="Hinoban" {...props} />}>
            <Logo />
            <Text component="span" fw={700} visibleFrom="xs">
              {"Hinoban"}
            </Text>
          </UnstyledButton>
          <OrganisationMenu memberships={session.memberships} current={membership} />
          <Group gap={4} ml="auto" wrap="nowrap">
            {status}
            <AccountMenu session={session} org={membership?.name} onSignOut={onSignOut} />
          </Group>
        </Group>
      </AppShell.Header>
      {membership && (
        <AppShell.Navbar p="xs" className={classes.navbar} aria-label={m.navigation}>
          <SideNavigation membership={membership} />
        </AppShell.Navbar>
      )}
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <div className={classes.content}>{children}</div>
      </AppShell.Main>
      {membership && <ShortcutHelp org={membership.name} />}
    </AppShell>
  );
}
