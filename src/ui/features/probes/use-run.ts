import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { getProbeRun, runProbe, type ProbeRun } from "#wire/probes";
import type { ProbeSpec } from "#wire/probe-specs";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";

const askEvery = 400;

const isOver = (run: ProbeRun | undefined): boolean => run?.state === "done" || run?.state === "expired";

export interface Running {
  readonly run: ProbeRun | undefined;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** @returns the id of the run */
  begin(spec: ProbeSpec, from: string): Promise<string | undefined>;
}

/** One probe that is asked for, followed until it is over. @param shown the run to show, whoever asked for it; the one that was begun here when absent */
export function useRun(shown?: string): Running {
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const [begun, setBegun] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const id = shown ?? begun;
  const { data, error } = useQuery({
    queryKey: [org, "probe-run", id],
    queryFn: ({ signal }) => call(getProbeRun, { params: { org, id: id ?? "" } }, signal),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (isOver(state.data) || state.error ? false : askEvery),
  });
  const begin = async (spec: ProbeSpec, from: string): Promise<string | undefined> => {
    setAsking(true);
    setFailed(undefined);
    try {
      const run = await call(runProbe, { params: { org }, body: { spec, from } });
      client.setQueryData([org, "probe-run", run.id], run);
      setBegun(run.id);
      void client.invalidateQueries({ queryKey: [org, "probe-runs"] });
      return run.id;
    } catch (thrown) {
      setFailed(thrown);
      return undefined;
    } finally {
      setAsking(false);
    }
  };
  return {
    run: data,
    isBusy: isAsking || (id !== undefined && data !== undefined && !isOver(data)),
    error: failed ?? error ?? undefined,
    begin,
  };
}
