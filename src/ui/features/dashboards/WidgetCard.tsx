import { Code, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./WidgetGrid.module.css";

/** The frame in which a widget fills its place on the grid. */
export function WidgetCard({
  setRef,
  children,
}: {
  readonly setRef?: (element: HTMLElement | null) => void;
  readonly children: ReactNode;
}) {
  return (
    <div ref={setRef} className={classes.fit}>
      {children}
    </div>
  );
}

/** A widget with a title and whatever it shows. */
export function TitledCard({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <WidgetCard>
      <Paper component="section" withBorder p="sm" className={classes.card} aria-label={title}>
        <Title order={3} className={classes.title} title={title}>
          {title}
        </Title>
        <div className={classes.body}>{children}</div>
      </Paper>
    </WidgetCard>
  );
}

/** Says why there is nothing to see, and of what. */
export function WidgetNote({ title, text, code }: { readonly title: string; readonly text: string; readonly code?: string }) {
  return (
    <TitledCard title={title}>
      <Stack gap={6}>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
        {code !== undefined && <Code block>{code}</Code>}
      </Stack>
    </TitledCard>
  );
}
