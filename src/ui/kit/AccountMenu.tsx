import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconBellRinging, IconLogout, IconUser, IconUserCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { changeAccount, type Session, type SignedIn } from "#wire/identity";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages, type Language } from "#kit/messages";
import { LanguageMenu, ThemeMenu } from "./AppearanceMenus.tsx";
import classes from "./AppearanceMenus.module.css";

export interface AccountMenuProps {
  readonly session: SignedIn;
  /** Name of the organisation that is open. */
  readonly org: string | undefined;
  readonly onSignOut: () => void;
}

/** Language, appearance, and the person with what belongs to them. */
export function AccountMenu({ session, org, onSignOut }: AccountMenuProps) {
  const m = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const keepLanguage = (language: Language): void => {
    const { name, timeZone } = session.person;
    // The switch itself is remembered in the browser; when the account cannot be reached only other browsers miss it.
    void call(changeAccount, { body: { name, timeZone, language } }).then(
      (person) => client.setQueryData<Session>(["session"], (now) => (now?.signedIn === true ? { ...now, person } : now)),
      () => undefined,
    );
  };
  return (
    <>
      <LanguageMenu onChoose={keepLanguage} />
      <ThemeMenu />
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            size="lg"
            className={classes.icon}
            aria-label={`${m.account}: ${session.person.name}`}
            title={session.person.name}
          >
            <IconUserCircle aria-hidden size={22} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text size="sm" fw={600} c="var(--mantine-color-text)">
              {session.person.name}
            </Text>
            <Text size="xs" c="dimmed">
              {session.person.email}
            </Text>
          </Menu.Label>
          <Menu.Item leftSection={<IconUser aria-hidden size={16} />} renderRoot={(props) => <Link to="/account" {...props} />}>
            {m.account}
          </Menu.Item>
          {org !== undefined && (
            <Menu.Item
              leftSection={<IconBellRinging aria-hidden size={16} />}
              renderRoot={(props) => <Link to="/o/$org/my-notifications" params={{ org }} {...props} />}
            >
              {m.myNotifications}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconLogout aria-hidden size={16} />} onClick={onSignOut}>
            {m.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
