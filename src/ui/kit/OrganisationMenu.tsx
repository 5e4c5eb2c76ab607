import { Button, Menu, Text } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Membership } from "#wire/identity";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import classes from "./OrganisationMenu.module.css";

export interface OrganisationMenuProps {
  readonly memberships: readonly Membership[];
  readonly current: Membership | undefined;
}

/** Which organisation is on the screen, and the way to the others. */
export function OrganisationMenu({ memberships, current }: OrganisationMenuProps) {
  const m = useMessages(kitMessages);
  if (memberships.length === 0) return undefined;
  return (
    <Menu position="bottom-start" withArrow>
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          className={classes.button}
          aria-label={current ? `${m.switchOrganisation}: ${current.displayName}` : m.switchOrganisation}
          rightSection={<IconChevronDown aria-hidden size={16} />}
        >
          <span className={classes.name}>{current?.displayName ?? m.organisation}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" className={classes.list}>
        {memberships.map((membership) => (
          <Menu.Item
            key={membership.organisationId}
            rightSection={membership.name === current?.name ? <IconCheck aria-hidden size={16} /> : undefined}
            renderRoot={(props) => <Link to="/o/$org/hosts" params={{ org: membership.name }} {...props} />}
          >
            {membership.displayName}
            <Text size="xs" c="dimmed" component="div">
              {membership.name}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
