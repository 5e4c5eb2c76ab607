import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { getProbeStates, listProbeResults, type ProbeResult, type VantageState } from "#wire/probes";
import { verdictTexts } from "#wire/probe-texts";
import { hostOfVantage } from "#wire/probe-words";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, HostCell, StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { millisText, OutcomePanel } from "./OutcomePanel.tsx";
import classes from "./OutcomePanel.module.css";

const refreshEvery = 30_000;
const shownResults = 100;

/** What the probes of a monitor found, from each place: for the page of the monitor. */
export function ProbeResults({ monitorId }: { readonly monitorId: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [chosen, setChosen] = useState<string>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "probe-states", monitorId],
    queryFn: ({ signal }) => call(getProbeStates, { params: { org, id: monitorId } }, signal),
    refetchInterval: refreshEvery,
  });
  const states = data?.vantages;
  const worst = states?.find(({ last }) => last !== undefined && last.outcome.verdict !== "ok") ?? states?.[0];
  const vantage = chosen ?? worst?.vantage;
  return (
    <PageSection title={m.places} hint={m.placesHint}>
      <Stack gap="md">
        <DataTable
          caption={m.places}
          columns={useStateColumns(setChosen)}
          rows={states}
          rowKey={(state) => state.vantage}
          isMarked={(state) => state.vantage === vantage && (states?.length ?? 0) > 1}
          error={error}
          onRetry={() => void refetch()}
          empty={<NothingThere>{m.noPlaces}</NothingThere>}
        />
        {vantage !== undefined && <Newest key={vantage} monitorId={monitorId} vantage={vantage} />}
      </Stack>
    </PageSection>
  );
}

function useStateColumns(onChoose: (vantage: string) => void): readonly Column<VantageState>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const nameOf = ({ vantage, name }: VantageState): string => (hostOfVantage(vantage) === undefined ? m.server : name);
  return [
    {
      key: "place",
      header: m.place,
      isRowHeader: true,
      cell: (state) => {
        const hostId = hostOfVantage(state.vantage);
        return hostId === undefined ? m.server : <HostCell org={org} id={hostId} name={state.name} />;
      },
    },
    {
      key: "result",
      header: m.result,
      cell: ({ last, isSilent }) => {
        if (isSilent) return <StateCell tone="attention" label={m.silent} />;
        if (!last) return <StateCell tone="waiting" label={m.noResult} />;
        const { verdict } = last.outcome;
        return <StateCell tone={verdict === "ok" ? "good" : "bad"} label={verdictTexts[verdict][format.language].name} />;
      },
    },
    {
      key: "time",
      header: m.duration,
      align: "end",
      cell: ({ last }) => (last ? m.millis({ time: millisText(last.outcome.millis, format) }) : <Dash />),
    },
    {
      key: "last",
      header: m.last,
      cell: ({ last }) => <TimeCell at={last === undefined ? undefined : unixMs(last.at)} absent={m.noResult} />,
    },
    { key: "since", header: m.since, cell: ({ since }) => (since === undefined ? <Dash /> : <TimeCell at={unixMs(since)} />) },
    {
      key: "show",
      header: m.show,
      isHeaderHidden: true,
      align: "end",
      cell: (state) => (
        <Button size="compact-sm" variant="default" aria-label={m.showOf({ name: nameOf(state) })} onClick={() => onChoose(state.vantage)}>
          {m.show}
        </Button>
      ),
    },
  ];
}

function Newest({ monitorId, vantage }: { readonly monitorId: string; readonly vantage: string }) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "probe-results", monitorId, vantage],
    queryFn: ({ signal }) => call(listProbeResults, { params: { org, id: monitorId }, query: { vantage, limit: shownResults } }, signal),
    refetchInterval: refreshEvery,
  });
  const results = data?.results ?? [];
  const [newest] = results;
  if (!newest) return undefined;
  const good = results.filter(({ outcome }) => outcome.verdict === "ok").length;
  return (
    <Stack gap="sm">
      <Stack gap={4}>
        <Text size="sm">{m.history({ good: format.count(good), all: format.count(results.length) })}</Text>
        <Strip results={results.toReversed()} />
      </Stack>
      <OutcomePanel outcome={newest.outcome} />
    </Stack>
  );
}

/** The last results, oldest first, each as a small bar; the sentence above says the same. */
function Strip({ results }: { readonly results: readonly ProbeResult[] }) {
  const m = useMessages(messages);
  const format = useFormat();
  return (
    <div className={classes.strip} aria-hidden>
      {results.map(({ at, outcome: { verdict } }) => (
        <div
          key={at}
          className={classes.cell}
          data-failed={verdict === "ok" ? undefined : true}
          title={m.resultOf({ time: format.exactDateTime(unixMs(at)), verdict: verdictTexts[verdict][format.language].name })}
        />
      ))}
    </div>
  );
}
