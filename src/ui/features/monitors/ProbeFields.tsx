import { Group, MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listHosts } from "#wire/inventory";
import { DnsType, PathProtocol, serverVantage } from "#wire/probe-specs";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { hostName } from "../inventory/host-name.ts";
import { editorMessages } from "./editor-messages.ts";
import { ChoiceField, FlagField, LongField, NumberField, TextField, type MonitorForm } from "./inputs.tsx";
import { hasCertificate } from "./monitor-form.ts";
import { ServiceChoice } from "./RuleFields.tsx";

interface FormProps {
  readonly form: MonitorForm;
}

const families = (auto: string) =>
  [
    ["ipv4", "IPv4"],
    ["ipv6", "IPv6"],
    ["auto", auto],
  ] as const;

/** What is asked over the network. */
export function ProbeFields({ form }: FormProps) {
  const { type } = form.values;
  if (type === "external") return <UrlFields form={form} />;
  if (type === "dns") return <DnsFields form={form} />;
  return <AddressFields form={form} />;
}

function UrlFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const methods = ["GET", "POST", "PUT", "DELETE"].map((method) => [method, method] as const);
  return (
    <>
      <TextField form={form} name="url" label={m.url} />
      <Group align="flex-start">
        <ChoiceField form={form} name="method" label={m.method} options={methods} />
        <NumberField form={form} name="expectedStatusCode" label={m.expectedStatus} hint={m.expectedStatusHint} min={100} max={599} />
        <ChoiceField form={form} name="family" label={m.family} options={families(m.familyAuto)} />
      </Group>
      <TextField form={form} name="containsString" label={m.contains} />
      <LongField form={form} name="headers" label={m.headers} hint={m.headersHint} />
      {form.values.method !== "GET" && <LongField form={form} name="requestBody" label={m.requestBody} />}
      <FlagField form={form} name="followRedirect" label={m.followRedirect} />
      <FlagField form={form} name="skipCertificateVerification" label={m.skipVerification} />
    </>
  );
}

function DnsFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  return (
    <>
      <Group align="flex-start">
        <TextField form={form} name="dnsName" label={m.dnsName} />
        <ChoiceField
          form={form}
          name="dnsType"
          label={m.dnsType}
          options={DnsType.anyOf.map((type) => [type.const, type.const] as const)}
        />
      </Group>
      <Group align="flex-start">
        <TextField form={form} name="dnsServer" label={m.dnsServer} hint={m.dnsServerHint} />
        <NumberField form={form} name="port" label={m.port} min={1} max={65_535} />
      </Group>
      <LongField form={form} name="expected" label={m.expected} hint={m.expectedHint} />
    </>
  );
}

function AddressFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const { type } = form.values;
  const tlsModes = [
    ["none", m.tlsNone],
    ...(type === "tcp" ? [] : ([["starttls", m.tlsStarttls]] as const)),
    ["implicit", m.tlsImplicit],
  ] as const;
  const hasTls = type === "tcp" || ["smtp", "imap", "pop3", "ldap"].includes(type);
  return (
    <>
      <Group align="flex-start">
        <TextField form={form} name="host" label={m.host} />
        {type !== "ping" && <NumberField form={form} name="port" label={m.port} min={1} max={65_535} />}
        <ChoiceField form={form} name="family" label={m.family} options={families(m.familyAuto)} />
      </Group>
      {type === "path" && (
        <ChoiceField
          form={form}
          name="protocol"
          label={m.protocol}
          options={PathProtocol.anyOf.map((one) => [one.const, one.const === "auto" ? m.protocolAuto : one.const] as const)}
        />
      )}
      {hasTls && <ChoiceField form={form} name="tls" label={m.tls} options={tlsModes} />}
      {hasCertificate(form.values) && <TextField form={form} name="serverName" label={m.serverName} hint={m.serverNameHint} />}
      {hasCertificate(form.values) && type !== "path" && (
        <FlagField form={form} name="skipCertificateVerification" label={m.skipVerification} />
      )}
      {type === "ping" && (
        <Group align="flex-start">
          <NumberField form={form} name="count" label={m.packets} min={1} max={10} />
          <NumberField form={form} name="mostLoss" label={m.mostLoss} hint={m.mostLossHint} unit={m.percent} min={0} max={99} />
        </Group>
      )}
      {type === "tcp" && (
        <>
          <TextField form={form} name="send" label={m.send} hint={m.sendHint} />
          <TextField form={form} name="expect" label={m.expect} />
        </>
      )}
    </>
  );
}

/** When what was found is an alert. */
export function ProbeConditionFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const { type } = form.values;
  const isWatchingTime = form.values.responseTimeWarning !== "" || form.values.responseTimeCritical !== "";
  return (
    <>
      {(type === "path" || type === "tcp") && <VerdictChoice form={form} />}
      <NumberField form={form} name="maxCheckAttempts" label={m.attempts} hint={m.attemptsHint} min={1} max={10} />
      <Group align="flex-start" role="group" aria-label={m.responseTimes}>
        <NumberField form={form} name="responseTimeWarning" label={`${m.responseTimes}: ${m.responseWarning}`} unit={m.millis} min={1} />
        <NumberField form={form} name="responseTimeCritical" label={`${m.responseTimes}: ${m.responseCritical}`} unit={m.millis} min={1} />
        {isWatchingTime && (
          <NumberField form={form} name="responseTimeDuration" label={m.responseDuration} unit={m.answers} min={1} max={10} />
        )}
      </Group>
      <ServiceChoice form={form} label={m.serviceForTimes} isOptional />
      {hasCertificate(form.values) && (
        <Group align="flex-start" role="group" aria-label={m.certificate}>
          <NumberField
            form={form}
            name="certificationExpirationWarning"
            label={`${m.certificate}: ${m.certificateWarning}`}
            unit={m.days}
            min={0}
          />
          <NumberField
            form={form}
            name="certificationExpirationCritical"
            label={`${m.certificate}: ${m.certificateCritical}`}
            unit={m.days}
            min={0}
          />
        </Group>
      )}
    </>
  );
}

/** A way that must stay closed is watched by the way in which it fails. */
const watchable = ["refused", "unreachable", "connect-timed-out", "name-unknown"] as const;

function VerdictChoice({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const options = [["ok", m.itAnswers] as const, ...watchable.map((verdict) => [verdict, verdict] as const)];
  return <ChoiceField form={form} name="expectedVerdict" label={m.expectedVerdict} options={options} />;
}

/** From where is asked, how often, and how many places must fail. */
export function VantageFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const format = useFormat();
  const hosts = useHosts();
  const { value, error, onBlur } = form.field("vantages");
  const known = [{ value: serverVantage, label: m.fromServer }, ...hosts.map(({ id, name }) => ({ value: `host:${id}`, label: name }))];
  const gone = value.filter((one) => !known.some((option) => option.value === one)).map((one) => ({ value: one, label: one }));
  const some = Array.from({ length: Math.max(0, value.length - 2) }, (_, i) => String(i + 2));
  return (
    <>
      <Group align="flex-start">
        <NumberField form={form} name="intervalSeconds" label={m.interval} unit={m.seconds} min={10} max={3600} />
        <NumberField form={form} name="timeoutSeconds" label={m.timeout} unit={m.seconds} min={1} max={15} />
      </Group>
      <MultiSelect
        name="vantages"
        label={m.from}
        value={[...value]}
        error={error}
        onBlur={onBlur}
        data={[...known, ...gone]}
        onChange={(chosen) => form.set("vantages", chosen)}
        searchable
      />
      {value.length > 1 && (
        <ChoiceField
          form={form}
          name="failsFrom"
          label={m.failsFrom}
          options={[
            ["any", m.failsAny],
            ...some.map((count) => [count, m.failsSome({ count: format.count(Number(count)) })] as const),
            ["all", m.failsAll],
          ]}
        />
      )}
      <ChoiceField
        form={form}
        name="hostId"
        label={m.ofHost}
        hint={m.ofHostHint}
        options={[["", m.none], ...hosts.map(({ id, name }) => [id, name] as const)]}
      />
    </>
  );
}

function useHosts(): readonly { readonly id: string; readonly name: string }[] {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "hosts", "vantages"],
    queryFn: ({ signal }) => call(listHosts, { params: { org }, query: { limit: 200 } }, signal),
    staleTime: 60_000,
  });
  return (data?.hosts ?? []).map((host) => ({ id: host.id, name: hostName(host) }));
}
