import { Paper, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./FactList.module.css";

export interface FactListProps {
  readonly title: string;
  /** Name and content; what is undefined is left out. */
  readonly facts: readonly (readonly [string, ReactNode])[];
}

/** A card of names and what they are. */
export function FactList({ title, facts }: FactListProps) {
  const known = facts.filter(([, content]) => content !== undefined && content !== "");
  return (
    <Paper component="section" withBorder p="md" aria-label={title} className={classes.card}>
      <Title order={2} size="h3" mb="xs">
        {title}
      </Title>
      <dl className={classes.list}>
        {known.map(([name, content]) => (
          <div key={name} className={classes.row}>
            <dt>{name}</dt>
            <dd>{content}</dd>
          </div>
        ))}
      </dl>
    </Paper>
  );
}
