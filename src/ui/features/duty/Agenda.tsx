import { Text } from "@mantine/core";
import type { CSSProperties } from "react";
import { minutes } from "#base/duration";
import type { Plan } from "#wire/duty";
import { useNow } from "#kit/clock";
import type { Format } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { messages } from "./messages.ts";
import type { Crew } from "./people.ts";
import { agendaOf, type AgendaLine, type DayColumn } from "./timeline-model.ts";
import type { Picked } from "./Timeline.tsx";
import classes from "./Timeline.module.css";

export interface AgendaProps {
  readonly name: string;
  readonly plan: Plan;
  readonly crew: Crew;
  readonly format: Format;
  readonly onPick?: ((picked: Picked) => void) | undefined;
}

/** The same as the timeline, for narrow screens: by day, who is on duty from when to when. */
export function Agenda({ name, plan, crew, format, onPick }: AgendaProps) {
  const m = useMessages(messages);
  const now = useNow(minutes(1));
  return (
    <ol className={classes.agenda} aria-label={m.timelineOf({ name })}>
      {agendaOf(plan).map(({ column, lines }) => (
        <li key={column.day.date}>
          <AgendaDate column={column} format={format} isToday={now >= column.from && now < column.to} />
          <ul className={classes.agendaLines}>
            {lines.map((line) => (
              <li key={line.from}>
                <Line line={line} column={column} crew={crew} format={format} onPick={onPick} />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function AgendaDate({ column, format, isToday }: { readonly column: DayColumn; readonly format: Format; readonly isToday: boolean }) {
  const { language } = useLanguage();
  const { day } = column;
  return (
    <div className={isToday ? classes.today : undefined}>
      <Text size="sm" fw="inherit" span className={day.isHoliday ? classes.holiday : undefined}>
        {`${format.monthDay(column.from)} (${format.weekday(column.weekday)})`}
      </Text>
      {day.name && (
        <Text size="xs" c="dimmed">
          {day.name[language]}
        </Text>
      )}
    </div>
  );
}

interface LineProps extends Pick<AgendaProps, "crew" | "format" | "onPick"> {
  readonly line: AgendaLine;
  readonly column: DayColumn;
}

function Line({ line, column, crew, format, onPick }: LineProps) {
  const m = useMessages(messages);
  const isWhole = line.from === column.from && line.to === column.to;
  const time = isWhole ? "" : `${format.time(line.from)}–${line.to === column.to ? "24:00" : format.time(line.to)} `;
  if (line.people.length === 0) {
    return (
      <div className={classes.gap}>
        <span>{`${time}${m.gap}`}</span>
      </div>
    );
  }
  const names = line.people.map(crew.nameOf).join(", ");
  const style = { "--bar": crew.colourOf(line.people[0] ?? "") } as CSSProperties; // React has no type for custom properties
  if (!onPick) {
    return (
      <div className={classes.bar} style={style}>
        {`${time}${names}`}
      </div>
    );
  }
  // What is to be seen must be part of what is read out.
  const label = m.overrideThis({ text: `${time}${names}, ${format.date(column.from)}` });
  return (
    <button type="button" className={classes.bar} style={style} aria-label={label} onClick={() => onPick(line)}>
      {`${time}${names}`}
    </button>
  );
}
