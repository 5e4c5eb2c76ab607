import { ActionIcon, Alert, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconPlus, IconStairsUp, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { deletePolicy, getEscalationStatus, listPolicies, type Binding, type Names, type Policy } from "#wire/escalation";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { BindingSection } from "./BindingSection.tsx";
import { messages } from "./messages.ts";
import { useTargetText } from "./use-choices.ts";

const tones: Readonly<Record<Policy["reaches"], Tone>> = { all: "good", some: "attention", nobody: "bad" };

/** All escalation policies, what they hold for, and whether anybody is told at all. */
export function PoliciesPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("policy.change");
  const [removed, setRemoved] = useState<Policy>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "escalation", "policies"],
    queryFn: ({ signal }) => call(listPolicies, { params: { org } }, signal),
  });
  const columns = usePolicyColumns(data?.bindings ?? [], data?.names ?? {}, setRemoved);
  const create = mayChange && (
    <ButtonLink to="/o/$org/policies/new" params={{ org }} leftSection={<IconPlus aria-hidden size={18} />}>
      {m.create}
    </ButtonLink>
  );
  return (
    <>
      <PageHeader title={m.title} intro={m.intro}>
        {create}
      </PageHeader>
      <Stack gap="xl">
        <Alarm />
        <DataTable
          caption={m.title}
          columns={columns}
          rows={data?.policies}
          rowKey={({ id }) => id}
          rowLabel={({ name }) => name}
          isMarked={({ reaches }) => reaches === "nobody"}
          error={error}
          onRetry={() => void refetch()}
          empty={<NoPolicies>{create}</NoPolicies>}
        />
        {data && data.policies.length > 0 && (
          <BindingSection key={JSON.stringify(data.bindings)} policies={data.policies} bindings={data.bindings} />
        )}
      </Stack>
      {removed && <DeletePolicyDialog policy={removed} onClose={() => setRemoved(undefined)} />}
    </>
  );
}

function NoPolicies({ children }: { readonly children: ReactNode }) {
  const m = useMessages(messages);
  return (
    <EmptyState title={m.noPolicies} hint={m.noPoliciesHint} icon={<IconStairsUp aria-hidden size={32} />}>
      {children}
    </EmptyState>
  );
}

/** Says loudly when nobody is told. */
function Alarm() {
  const m = useMessages(messages);
  const call = useCall();
  const format = useFormat();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "escalation", "status"],
    queryFn: ({ signal }) => call(getEscalationStatus, { params: { org } }, signal),
    refetchInterval: 60_000,
  });
  if (!data) return undefined;
  const names = data.brokenPolicies.map(({ name }) => name).join(", ");
  if (data.reachesNobody) {
    return (
      <Alert color="red" variant="filled" icon={<IconAlertTriangle aria-hidden />} title={m.alarmNobody}>
        {m.alarmNobodyText}
      </Alert>
    );
  }
  const lines = [
    data.brokenPolicies.length > 0 ? m.alarmBroken({ names }) : undefined,
    data.overdueRuns > 0 ? m.alarmOverdue({ count: format.count(data.overdueRuns) }) : undefined,
  ].filter((line) => line !== undefined);
  if (lines.length > 0) {
    return (
      <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />}>
        {lines.map((line) => (
          <div key={line}>{line}</div>
        ))}
      </Alert>
    );
  }
  if (data.default === "policy") return undefined;
  return (
    <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
      {m.builtInNote}
    </Alert>
  );
}

function usePolicyColumns(bindings: readonly Binding[], names: Names, remove: (policy: Policy) => void): readonly Column<Policy>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  const mayChange = useMay("policy.change");
  const targetText = useTargetText(names);
  const holdsFor = (policy: Policy): string => {
    const own = bindings.filter(({ policyId }) => policyId === policy.id);
    const services = new Set(own.flatMap(({ service }) => service ?? []));
    const parts = [
      own.some(({ service }) => service === undefined) ? m.wholeOrganisation : undefined,
      services.size > 3 ? m.services({ count: format.count(services.size) }) : [...services].join(", "),
    ].filter((part) => part !== undefined && part !== "");
    return parts.length === 0 ? m.nothingBound : parts.join(", ");
  };
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      cell: ({ id, name }) => (
        <AnchorLink to="/o/$org/policies/$id" params={{ org, id }} fw="inherit" size="sm">
          {name}
        </AnchorLink>
      ),
    },
    {
      key: "who",
      header: m.who,
      cell: ({ steps }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {steps.map(({ targets, mode }) => targets.map(targetText).join(mode === "in-order" ? " → " : " + ")).join(" → ")}
        </Text>
      ),
    },
    {
      key: "rounds",
      header: m.rounds,
      cell: ({ rounds }) => (rounds === "until-taken" ? m.untilTaken : m.times({ count: format.count(rounds) })),
    },
    { key: "holds", header: m.holdsFor, cell: holdsFor },
    { key: "reach", header: m.reach, cell: ({ reaches }) => <StateCell tone={tones[reaches]} label={m[`reach-${reaches}`]} /> },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (policy) =>
        mayChange && (
          <ActionIcon variant="subtle" aria-label={m.removeOf({ name: policy.name })} onClick={() => remove(policy)}>
            <IconTrash aria-hidden size={18} />
          </ActionIcon>
        ),
    },
  ];
}

function DeletePolicyDialog({ policy, onClose }: { readonly policy: Policy; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  return (
    <ConfirmDialog
      title={m.removeTitle({ name: policy.name })}
      text={m.removeText}
      action={m.remove}
      isDangerous
      onConfirm={async () => {
        await call(deletePolicy, { params: { org, id: policy.id } });
        await client.invalidateQueries({ queryKey: [org, "escalation"] });
        toasts.show({ text: m.removed({ name: policy.name }) });
      }}
      onClose={onClose}
    />
  );
}
