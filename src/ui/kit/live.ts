import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Clock, Timer } from "#base/clock";
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

/** Topics after which somebody may have another role here, or none. */
const changesRights = (topic: string): boolean => topic === "people" || topic === "*";

/**
 * Follows the organisation's event stream while the page is on the screen. An event carries no data: it names what changed, and the
 * queries on the screen are asked again. Graphs refresh by themselves besides, so a broken stream costs freshness, not truth.
 */
export function useLiveEvents(org: string): void {
  const client = useQueryClient();
  const clock = useClock();
  const router = useRouter();
  useEffect(() => {
    const onTopics = (topics: ReadonlySet<string>): void => {
      for (const topic of topics) invalidate(client, org, topic);
      if (![...topics].some(changesRights)) return;
      // Whose session ended meanwhile is led to the login by the router.
      void client.invalidateQueries({ queryKey: ["session"] }).then(() => router.invalidate());
    };
    return followEvents(`/api/v1/orgs/${encodeURIComponent(org)}/events`, clock, onTopics);
  }, [client, clock, router, org]);
}

/**
 * Tells the topics of a stream of events, gathered over a moment; "*" when some may have been missed. A hidden page does not listen:
 * over HTTP/1.1 a browser holds six connections to a server, and six forgotten tabs would leave none for the seventh.
 * @returns what ends it
 */
export function followEvents(url: string, clock: Clock, onTopics: (topics: ReadonlySet<string>) => void): () => void {
  if (typeof EventSource === "undefined") return () => undefined;
  let source: EventSource | undefined;
  let waiting: { readonly topics: Set<string>; readonly timer: Timer } | undefined;
  let hasGap = false;
  const tell = (topic: string): void => {
    const flush = (): void => {
      const topics = waiting?.topics ?? new Set();
      waiting = undefined;
      onTopics(topics);
    };
    waiting ??= { topics: new Set(), timer: clock.after("ui.live", gatherFor, flush) };
    waiting.topics.add(topic);
  };
  const close = (): void => {
    if (source) hasGap = true;
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    if (source) return;
    source = new EventSource(url);
    source.addEventListener("message", (event: MessageEvent) => tell(topicOf(event.data)));
    source.addEventListener("open", () => {
      // What happened while the stream was away is unknown: ask everything again.
      if (hasGap) tell("*");
      hasGap = false;
    });
    source.addEventListener("error", () => {
      hasGap = true;
    });
  };
  const onVisibility = (): void => (document.hidden ? close() : open());
  onVisibility();
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    waiting?.timer.cancel();
    close();
  };
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
