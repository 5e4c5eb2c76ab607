import { graphTitle } from "#base/chart/names";
import { useLanguage } from "#kit/messages";

/** Titles of graphs in the reader's language. */
export function useGraphTitle(): (graph: Parameters<typeof graphTitle>[0]) => string {
  const { language } = useLanguage();
  return (graph) => graphTitle(graph, language);
}
