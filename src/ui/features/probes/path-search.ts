import { textParam } from "#kit/search";

/** What stands in the address of the page. */
export interface PathSearch {
  readonly address?: string | undefined;
  readonly from?: string | undefined;
  /** The probe that is shown. */
  readonly run?: string | undefined;
}

export const parsePathSearch = (search: Readonly<Record<string, unknown>>): PathSearch => ({
  address: textParam(search["address"], 300),
  from: textParam(search["from"], 100),
  run: textParam(search["run"], 64),
});
