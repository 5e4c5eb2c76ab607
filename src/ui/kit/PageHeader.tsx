import { Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { useOpenIncidents, windowTitle } from "#kit/open-incidents";

export interface PageHeaderProps {
  readonly title: string;
  /** One line below the title: what this page is for. */
  readonly intro?: string | undefined;
  /** Links to the pages above this one. */
  readonly crumbs?: ReactNode;
  /** Beside the title: a state, a count. */
  readonly beside?: ReactNode;
  /** Buttons at the right, the main one last. */
  readonly children?: ReactNode;
}

/** Head of every page: where we are, what it is called, what can be done. Sets the window's title, with how many incidents nobody has. */
export function PageHeader({ title, intro, crumbs, beside, children }: PageHeaderProps) {
  const name = windowTitle(title, useOpenIncidents());
  useEffect(() => {
    document.title = name;
  }, [name]);
  return (
    <Group component="header" justify="space-between" align="flex-end" gap="sm" mb="md" wrap="wrap">
      <Stack gap={2} miw={0}>
        {crumbs !== undefined && <Breadcrumbs separatorMargin={6}>{crumbs}</Breadcrumbs>}
        <Group gap="sm" wrap="wrap">
          <Title order={1} style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          {beside}
        </Group>
        {intro !== undefined && (
          <Text c="dimmed" size="sm" maw="46rem">
            {intro}
          </Text>
        )}
      </Stack>
      {children !== undefined && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
