import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Timer } from "#base/clock";
import { seconds } from "#base/duration";
import { useClock } from "#kit/clock";

/** A bulk act tells of each host: what comes within this time is asked for once. */
const gatherFor = seconds(1);

/** Second part of the key of every query for points: they come by the minute, not by an act, and cost most. */
export const pointsKey = "points";

/** Every act is a ledger entry, so the topic "ledger" means that anything but points may have changed. "*" means: look at everything. */
function invalidate(client: QueryClient, org: string, topic: string): void {
  if (topic === "*") void client.invalidateQueries({ queryKey: [org] });
  else if (topic === "metrics") void client.invalidateQueries({ queryKey: [org, pointsKey] });
  else void client.invalidateQueries({ queryKey: [org], predicate: (query) => query.queryKey[1] !== pointsKey });
}

/**
 * Follows the organisation's event stream while the page is open. An event carries no data: it names what changed, and the queries
 * on the screen are asked again. Graphs refresh by themselves besides, so a broken stream
 * costs freshness, not truth.
 */
export function useLiveEvents(org: string): void {
  const client = useQueryClient();
  const clock = useClock();
  useEffect(() => {
    if (typeof EventSource === "undefined") return undefined;
    const source = new EventSource(`/api/v1/orgs/${encodeURIComponent(org)}/events`);
    let wasBroken = false;
    let waiting: { readonly topics: Set<string>; readonly timer: Timer } | undefined;
    const flush = (): void => {
      const topics = waiting?.topics ?? new Set();
      waiting = undefined;
      for (const topic of topics) invalidate(client, org, topic);
    };
    const onMessage = (event: MessageEvent): void => {
      waiting ??= { topics: new Set(), timer: clock.after("ui.live", gatherFor, flush) };
      waiting.topics.add(topicOf(event.data));
    };
    const onOpen = (): void => {
      // What happened while the stream was away is unknown: ask everything again.
      if (wasBroken) invalidate(client, org, "*");
      wasBroken = false;
    };
    const onError = (): void => {
      wasBroken = true;
    };
    source.addEventListener("message", onMessage);
    source.addEventListener("open", onOpen);
    source.addEventListener("error", onError);
    return () => {
      waiting?.timer.cancel();
      source.close();
    };
  }, [client, clock, org]);
}

/** The topic of an event: `{"topic":"ledger"}`. What cannot be read means everything. */
export function topicOf(data: unknown): string {
  if (typeof data !== "string") return "*";
  try {
    const parsed: unknown = JSON.parse(data);
    const topic: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "topic") : undefined;
    return typeof topic === "string" ? topic : "*";
  } catch {
    return "*";
  }
}
