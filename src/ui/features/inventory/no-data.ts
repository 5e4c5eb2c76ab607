import { minutes, type Millis } from "#base/duration";

/** The times without data that can be chosen, in minutes. Never below the usual delay of an agent's posts. */
export const noDataChoices = [3, 5, 10, 15, 20, 30, 60, 180, 360, 720, 1440, 4320, 10_080] as const;

/** The choices with one that was set by other means, in order. */
export const choicesWith = (value: number | undefined): readonly number[] =>
  [...new Set([...noDataChoices, ...(value === undefined ? [] : [value])])].toSorted((a, b) => a - b);

export const lengthOf = (value: number): Millis => minutes(value);
