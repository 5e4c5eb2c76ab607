import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useClock } from "#kit/clock";
import { pointsKey } from "#kit/live";
import { isLive, refreshEvery, spanOf, type RangeSearch, type Span } from "#kit/range";

/** More than a screen has columns for would only cost; the server keeps averages per bucket. */
export const bucketsPerGraph = 360;

export interface Points<T> {
  readonly columns: T | undefined;
  /** The span that the points are of. */
  readonly span: Span;
  readonly error: unknown;
  readonly refetch: () => void;
}

/**
 * The points of one graph. A live range moves on with every fetch, so the span belongs to the answer; `key` names the graph
 * within the organisation.
 */
export function usePoints<T>(
  org: string,
  key: readonly unknown[],
  range: RangeSearch,
  isWanted: boolean,
  fetchColumns: (span: Span, signal: AbortSignal) => Promise<T>,
): Points<T> {
  const clock = useClock();
  const { data, error, refetch } = useQuery({
    queryKey: [org, pointsKey, ...key, range],
    queryFn: async ({ signal }) => {
      const span = spanOf(range, clock.now());
      return { span, columns: await fetchColumns(span, signal) };
    },
    enabled: isWanted,
    placeholderData: keepPreviousData,
    refetchInterval: isLive(range) ? refreshEvery(spanOf(range, clock.now())) * 1000 : false,
  });
  // While a new range is on its way the old points stand, already on the new axis.
  return { columns: data?.columns, span: spanOf(range, clock.now()), error, refetch: () => void refetch() };
}
