import { Box } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Agenda, type AgendaProps } from "./Agenda.tsx";
import { Timeline } from "./Timeline.tsx";

/** The shifts of a time: side by side where there is room, one below the other on a phone. */
export function PlanView(props: AgendaProps) {
  const isNarrow = useMediaQuery("(max-width: 47.99em)", undefined, { getInitialValueInEffect: false }) ?? false;
  return <Box>{isNarrow ? <Agenda {...props} /> : <Timeline {...props} />}</Box>;
}
