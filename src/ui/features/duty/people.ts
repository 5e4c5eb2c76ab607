import { seriesColours } from "#kit/theme";
import type { DutyPerson } from "#wire/duty";

/** Names and colours of the people of an answer. Everybody keeps their colour while the answer names the same people. */
export interface Crew {
  readonly nameOf: (id: string) => string;
  /** A CSS colour. */
  readonly colourOf: (id: string) => string;
  readonly find: (id: string) => DutyPerson | undefined;
}

export function crewOf(people: readonly DutyPerson[]): Crew {
  const byId = new Map(people.map((person) => [person.id, person]));
  const order = new Map(
    people
      .map((person) => person.id)
      .sort()
      .map((id, index) => [id, index]),
  );
  return {
    nameOf: (id) => byId.get(id)?.name ?? id,
    colourOf: (id) => `var(--hb-series-${((order.get(id) ?? 0) % seriesColours) + 1})`,
    find: (id) => byId.get(id),
  };
}
