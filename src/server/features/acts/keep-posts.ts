import type { IncidentChange, IncidentsListener } from "#features/incidents";
import type { Acts } from "./acts.ts";

/**
 * Posts in chats that said who has it say so when nobody has it any more: given back, reopened, put off. That somebody took it, has it from
 * somebody else, or that it is over is told by those who asked.
 */
export const keepsPosts = (acts: Pick<Acts, "incidents" | "notify">): IncidentsListener => ({
  incidentsChanged: async (tx, at, changes) => {
    for (const { incident, effect } of changes.filter(isToShow)) {
      await acts.notify.rewrite(tx, at, `incident:${incident.id}`, (to) => acts.incidents.noticeOf(tx, incident.id, effect, to));
    }
  },
});

const shown = new Set<IncidentChange["effect"]>(["released", "reopened", "snoozed", "woken"]);

/** Whoever has it and says that they cannot gives it back by that. */
const isToShow = ({ effect, fromPersonId }: IncidentChange): boolean =>
  shown.has(effect) || (effect === "declined" && fromPersonId !== undefined);
