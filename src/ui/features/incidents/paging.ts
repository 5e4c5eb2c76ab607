import type { Paging } from "../../kit/TableFooter.tsx";

/** The pages of a list whose address remembers the page; none while it is not known how many there are. */
export function pagingOf(
  search: { readonly page?: number | undefined },
  total: number | undefined,
  pageSize: number,
  change: (part: { page: number | undefined }) => void,
): { readonly paging?: Paging } {
  if (total === undefined) return {};
  return {
    paging: { page: search.page ?? 1, pageSize, total, onPage: (page) => change({ page: page === 1 ? undefined : page }) },
  };
}
