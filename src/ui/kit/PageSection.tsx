import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

export interface PageSectionProps {
  readonly title: string;
  readonly hint?: string;
  /** Buttons at the right. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of the page under a heading of its own. */
export function PageSection({ title, hint, actions, children }: PageSectionProps) {
  return (
    <section aria-label={title}>
      <Group justify="space-between" align="flex-end" gap="sm" mb="xs">
        <Stack gap={2} miw={0}>
          <Title order={2} size="h3">
            {title}
          </Title>
          {hint !== undefined && (
            <Text c="dimmed" size="sm" maw="46rem">
              {hint}
            </Text>
          )}
        </Stack>
        {actions}
      </Group>
      {children}
    </section>
  );
}
