import { useInfiniteQuery } from "@tanstack/react-query";
import { listLedger, type LedgerEntry } from "#wire/ledger";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { historyQuery, type HistorySearch } from "./history-search.ts";
import { messages } from "./messages.ts";

export interface HistoryPages {
  readonly entries: readonly LedgerEntry[] | undefined;
  readonly nameOf: (id: string) => string;
  readonly error: unknown;
  readonly refetch: () => void;
  /** Undefined when the oldest entry is on the screen. */
  readonly showOlder: (() => void) | undefined;
  readonly isLoadingOlder: boolean;
}

const pageSize = 50;

/** The history, newest first, a page at a time. */
export function useHistory(search: HistorySearch): HistoryPages {
  const call = useCall();
  const org = useOrganisation().name;
  const m = useMessages(messages);
  const filters = historyQuery(search);
  const result = useInfiniteQuery({
    queryKey: [org, "ledger", filters],
    initialPageParam: 0,
    queryFn: ({ signal, pageParam }) =>
      call(
        listLedger,
        { params: { org }, query: { ...definedOnly(filters), limit: pageSize, ...(pageParam > 0 ? { before: pageParam } : {}) } },
        signal,
      ),
    getNextPageParam: (page) => page.next,
  });
  const pages = result.data?.pages;
  const nameOf = (id: string): string => {
    const known = pages?.map((page) => page.names[id]).find((name) => name !== undefined);
    if (known !== undefined) return known;
    if (id.startsWith("system:")) return m.system;
    return id.startsWith("anonymous") || id.startsWith("nobody") ? m.nobody : id;
  };
  return {
    entries: pages?.flatMap((page) => page.entries),
    nameOf,
    error: result.error,
    refetch: () => void result.refetch(),
    showOlder: result.hasNextPage ? () => void result.fetchNextPage() : undefined,
    isLoadingOlder: result.isFetchingNextPage,
  };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The same object, typed as what `historyQuery` made of it. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- historyQuery left no undefined in it
const definedOnly = (filters: HistorySearch): Defined<HistorySearch> => filters as Defined<HistorySearch>;
