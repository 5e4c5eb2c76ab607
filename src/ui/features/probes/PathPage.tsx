import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type SyntheticEvent } from "react";
import { unixMs } from "#base/duration";
import { pathOf } from "#wire/probe-address";
import { listProbeRuns, type ProbeRun } from "#wire/probes";
import type { ProbeSpec } from "#wire/probe-specs";
import { verdictTexts } from "#wire/probe-texts";
import { hostOfVantage, serverVantage } from "#wire/probe-words";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import type { PathSearch } from "./path-search.ts";
import { RunPanel } from "./RunPanel.tsx";
import { useRun } from "./use-run.ts";
import { VantageSelect } from "./VantageSelect.tsx";

const refreshEvery = 15_000;

/** The way to any address, step by step, and what people probed of late. */
export function PathPage() {
  const m = useMessages(messages);
  const mayProbe = useMay("probe.run");
  const { search, show } = usePathSearch();
  const [typed, setTyped] = useState<Typed>({ address: search.address ?? "", from: search.from ?? serverVantage });
  const showRun = ({ id, spec, from }: ProbeRun): void => {
    setTyped({ address: addressText(spec), from });
    show({ address: addressText(spec), from: from === serverVantage ? undefined : from, run: id });
  };
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      <Stack gap="xl">
        {mayProbe ? <Diagnosis typed={typed} onType={setTyped} /> : <Text c="dimmed">{m.notAllowed}</Text>}
        <Recent onShow={showRun} />
      </Stack>
    </>
  );
}

interface Typed {
  readonly address: string;
  readonly from: string;
}

function usePathSearch() {
  const search: PathSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const org = useOrganisation().name;
  const show = (next: PathSearch): void => void navigate({ to: "/o/$org/path", params: { org }, search: next });
  return { search, show };
}

interface DiagnosisProps {
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
}

function Diagnosis({ typed, onType }: DiagnosisProps) {
  const m = useMessages(messages);
  const { search, show } = usePathSearch();
  const { address, from } = typed;
  const [isWrong, setWrong] = useState(false);
  const running = useRun(search.run);
  const begin = async (spec: ProbeSpec): Promise<void> => {
    const run = await running.begin(spec, from);
    if (run !== undefined) show({ address: address.trim(), from: from === serverVantage ? undefined : from, run });
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const spec = pathOf(address);
    setWrong(!spec);
    if (!spec) return;
    void begin(spec);
  };
  return (
    <Stack gap="md">
      <form onSubmit={submit} noValidate>
        <Group align="flex-start">
          <TextInput
            label={m.address}
            description={m.addressHint}
            inputWrapperOrder={["label", "input", "description", "error"]}
            value={address}
            error={isWrong ? m.addressWrong : undefined}
            onChange={(event) => onType({ ...typed, address: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
            flex={1}
            miw="16rem"
          />
          <VantageSelect value={from} onChange={(vantage) => onType({ ...typed, from: vantage })} />
          <Button type="submit" mt={25} loading={running.isBusy} leftSection={<IconRoute aria-hidden size={18} />}>
            {m.diagnose}
          </Button>
        </Group>
      </form>
      <RunPanel running={running} />
    </Stack>
  );
}

function Recent({ onShow }: { readonly onShow: (run: ProbeRun) => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "probe-runs"],
    queryFn: ({ signal }) => call(listProbeRuns, { params: { org }, query: { limit: 50 } }, signal),
    refetchInterval: refreshEvery,
  });
  return (
    <PageSection title={m.recent} hint={m.recentHint}>
      <DataTable
        caption={m.recent}
        columns={useRunColumns(onShow)}
        rows={data?.runs}
        rowKey={(run) => run.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noRecent}</NothingThere>}
      />
    </PageSection>
  );
}

function useRunColumns(onShow: (run: ProbeRun) => void): readonly Column<ProbeRun>[] {
  const m = useMessages(messages);
  const { language } = useFormat();
  return [
    {
      key: "target",
      header: m.target,
      isRowHeader: true,
      cell: ({ spec }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {targetText(spec)}
        </Text>
      ),
    },
    { key: "from", header: m.from, cell: ({ from, fromName }) => (hostOfVantage(from) === undefined ? m.server : fromName) },
    {
      key: "result",
      header: m.result,
      cell: ({ state, outcome }) => {
        if (outcome)
          return <StateCell tone={outcome.verdict === "ok" ? "good" : "bad"} label={verdictTexts[outcome.verdict][language].name} />;
        return state === "expired" ? <StateCell tone="attention" label={m.silent} /> : <StateCell tone="waiting" label={m.running} />;
      },
    },
    { key: "when", header: m.when, cell: ({ askedAt }) => <TimeCell at={unixMs(askedAt)} /> },
    {
      key: "show",
      header: m.show,
      isHeaderHidden: true,
      align: "end",
      cell: (run) => (
        <Button size="compact-sm" variant="default" aria-label={m.showOf({ name: targetText(run.spec) })} onClick={() => onShow(run)}>
          {m.show}
        </Button>
      ),
    },
  ];
}

/** What was asked, in one line. */
export function targetText(spec: ProbeSpec): string {
  if (spec.kind === "http") return spec.url;
  if (spec.kind === "dns") return `${spec.name} ${spec.type}`;
  if (spec.kind === "ping") return `ping ${spec.host}`;
  return addressText(spec);
}

function addressText(spec: ProbeSpec): string {
  if (spec.kind === "http") return spec.url;
  if (spec.kind === "dns") return spec.server ?? spec.name;
  const host = spec.host.includes(":") ? `[${spec.host}]` : spec.host;
  return "port" in spec && spec.port !== undefined ? `${host}:${spec.port}` : host;
}
