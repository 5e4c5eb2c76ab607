import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

export interface EmptyStateProps {
  readonly title: string;
  /** Why it is empty, and what the next step is. */
  readonly hint?: string | undefined;
  readonly icon?: ReactNode;
  /** True where it is the whole page. */
  readonly isPage?: boolean;
  /** The next step itself: a button, a command to copy. */
  readonly children?: ReactNode;
}

/** What stands where a list would be: never a blank, always the next step. */
export function EmptyState({ title, hint, icon, isPage = false, children }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      {icon}
      <Title order={isPage ? 1 : 2} size="h3">
        {title}
      </Title>
      {hint !== undefined && (
        <Text c="dimmed" size="sm" maw="36rem">
          {hint}
        </Text>
      )}
      {children !== undefined && (
        <Group mt="xs" justify="center" w="100%">
          {children}
        </Group>
      )}
    </Stack>
  );
}
