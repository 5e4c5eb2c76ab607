import { NativeSelect, Select, Textarea, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { WidgetType } from "#wire/dashboards";
import { listHosts } from "#wire/inventory";
import { listHostGraphs, listHostMetricNames, listRoleGraphs, listServiceGraphs, listServiceMetricNames } from "#wire/metrics";
import { useCall, type Call } from "#kit/call";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { hostName } from "../inventory/host-name.ts";
import { roleNamesOf, useServices } from "../inventory/use-services.ts";
import { useGraphTitle } from "../metrics/graph-title.ts";
import { messages } from "./messages.ts";
import type { TargetKind, WidgetValues } from "./widget-form.ts";

type Form = DialogForm<WidgetValues>;

/** What a graph or value shows: first of what, then which, then what of it. */
export function TargetFields({ type, form }: { readonly type: WidgetType; readonly form: Form }) {
  const m = useMessages(messages);
  const { kind } = form.values;
  const kinds: readonly (readonly [TargetKind, string])[] = [
    ["host", m.ofHost],
    ...(type === "graph" ? ([["role", m.ofRole]] as const) : []),
    ["service", m.ofService],
    ["expression", m.ofExpression],
    ["query", m.ofQuery],
  ];
  return (
    <>
      <NativeSelect
        name="kind"
        label={m.shows}
        value={kind}
        data={kinds.map(([value, label]) => ({ value, label }))}
        onChange={(event) => {
          const chosen = kinds.find(([value]) => value === event.currentTarget.value)?.[0] ?? "host";
          form.set("kind", chosen);
          form.set("name", "");
        }}
      />
      {kind === "host" && <HostField form={form} />}
      {kind === "service" && <ServiceField form={form} />}
      {kind === "role" && <RoleField form={form} />}
      {kind === "expression" || kind === "query" ? (
        <>
          <Textarea
            {...form.text("expression")}
            label={kind === "query" ? m.query : m.expression}
            {...(kind === "query" ? {} : { description: m.expressionHint })}
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
          />
          {kind === "query" && <TextInput {...form.text("legend")} label={m.legend} spellCheck={false} />}
        </>
      ) : (
        <NameField type={type} form={form} />
      )}
    </>
  );
}

/** The chosen value is always among those offered, whether or not it is still there. */
const withChosen = <T extends { readonly value: string; readonly label: string }>(
  options: readonly T[],
  chosen: string,
): { value: string; label: string }[] => [
  ...(chosen === "" || options.some(({ value }) => value === chosen) ? [] : [{ value: chosen, label: chosen }]),
  ...options.map(({ value, label }) => ({ value, label })),
];

function HostField({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [text, setText] = useState("");
  const chosen = form.values.hostId;
  const find = async (wanted: string, signal: AbortSignal) => {
    const query = { limit: 50, ...(wanted === "" ? {} : { text: wanted }) };
    const { hosts } = await call(listHosts, { params: { org }, query }, signal);
    return hosts.map((host) => ({ value: host.id, label: hostName(host) }));
  };
  const { data: found = [] } = useQuery({
    queryKey: [org, "hosts", "picker", text],
    queryFn: ({ signal }) => find(text, signal),
    placeholderData: keepPreviousData,
  });
  // The id is part of what a search looks into, so the chosen host's name can be asked for by it.
  const { data: own = [] } = useQuery({
    queryKey: [org, "hosts", "picker", chosen],
    queryFn: ({ signal }) => find(chosen, signal),
    enabled: chosen !== "" && !found.some(({ value }) => value === chosen),
  });
  const options = [...own.filter(({ value }) => value === chosen && !found.some((one) => one.value === chosen)), ...found];
  const { onChange, ...field } = form.field("hostId");
  return (
    <Select
      {...field}
      label={m.host}
      description={m.hostHint}
      data={withChosen(options, chosen)}
      searchable
      filter={({ options: all }) => all}
      onSearchChange={(next) => setText(options.some(({ label }) => label === next) ? "" : next.slice(0, 100))}
      onChange={(id) => {
        onChange(id ?? "");
        form.set("name", "");
      }}
    />
  );
}

function ServiceField({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const services = useServices() ?? [];
  const { onChange, ...field } = form.field("service");
  const options = services.map(({ name }) => ({ value: name, label: name }));
  return (
    <Select
      {...field}
      label={m.service}
      data={withChosen(options, field.value)}
      searchable
      onChange={(name) => {
        onChange(name ?? "");
        form.set("name", "");
      }}
    />
  );
}

/** A role; whatever its spelling, it is the same one. */
export function RoleField({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const services = useServices() ?? [];
  const { onChange, value, ...field } = form.field("role");
  const plain = value.replace(/:\s*/u, ":");
  const options = roleNamesOf(services).map((name) => ({ value: name, label: name }));
  return (
    <Select
      {...field}
      value={plain}
      label={m.role}
      data={withChosen(options, plain)}
      searchable
      onChange={(name) => {
        if (name !== plain) form.set("name", "");
        onChange(name ?? "");
      }}
    />
  );
}

interface Named {
  readonly value: string;
  readonly label: string;
}

/** The graphs or metrics of what is chosen. */
function NameField({ type, form }: { readonly type: WidgetType; readonly form: Form }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const titleOf = useGraphTitle();
  const { kind, hostId, service, role } = form.values;
  const owner = { host: hostId, service, role, expression: "", query: "", unknown: "" }[kind];
  const { data: names = [] } = useQuery({
    queryKey: [org, "graphs", "picker", type, kind, owner],
    queryFn: ({ signal }) => namesOf(call, org, { type, kind, owner, titleOf }, signal),
    enabled: owner !== "",
  });
  const { onChange, ...field } = form.field("name");
  return (
    <Select
      {...field}
      label={type === "graph" ? m.graph : m.metric}
      data={withChosen(names, field.value)}
      searchable
      limit={200}
      disabled={owner === ""}
      onChange={(name) => onChange(name ?? "")}
    />
  );
}

interface NamesQuery {
  readonly type: WidgetType;
  readonly kind: TargetKind;
  readonly owner: string;
  readonly titleOf: ReturnType<typeof useGraphTitle>;
}

async function namesOf(call: Call, org: string, { type, kind, owner, titleOf }: NamesQuery, signal: AbortSignal): Promise<Named[]> {
  const plain = ({ names }: { readonly names: readonly string[] }): Named[] => names.map((name) => ({ value: name, label: name }));
  if (kind === "role") {
    const [service = "", role = ""] = owner.split(/:\s*/u);
    const { graphs } = await call(listRoleGraphs, { params: { org, service, role } }, signal);
    return graphs.map((graph) => ({ value: graph.name, label: titleOf(graph) }));
  }
  if (type === "value") {
    return kind === "host"
      ? plain(await call(listHostMetricNames, { params: { org, id: owner } }, signal))
      : plain(await call(listServiceMetricNames, { params: { org, service: owner } }, signal));
  }
  const { graphs } =
    kind === "host"
      ? await call(listHostGraphs, { params: { org, id: owner } }, signal)
      : await call(listServiceGraphs, { params: { org, service: owner } }, signal);
  return graphs.map((graph) => ({ value: graph.name, label: titleOf(graph) }));
}
