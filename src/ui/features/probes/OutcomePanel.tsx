import { Alert, Stack, Text } from "@mantine/core";
import { days, minutes, unixMs } from "#base/duration";
import type { ProbeOutcome, ProbeStep } from "#wire/probe-outcomes";
import { phaseTexts, verdictTexts } from "#wire/probe-texts";
import { useNow } from "#kit/clock";
import { useFormat, type Format } from "#kit/format";
import { useMessages } from "#kit/messages";
import { FactList } from "../../kit/FactList.tsx";
import { messages } from "./messages.ts";
import classes from "./OutcomePanel.module.css";

export interface OutcomePanelProps {
  readonly outcome: ProbeOutcome | undefined;
  /** While it runs: what is known so far. */
  readonly steps?: readonly ProbeStep[];
}

/** What one probe found: what it means, each step with its time, and everything that was seen. */
export function OutcomePanel({ outcome, steps = outcome?.steps ?? [] }: OutcomePanelProps) {
  return (
    <Stack gap="sm">
      {outcome && <Meaning outcome={outcome} />}
      {steps.length > 0 && <Steps steps={steps} />}
      {outcome && <Facts outcome={outcome} />}
    </Stack>
  );
}

function Meaning({ outcome: { verdict, message } }: { readonly outcome: ProbeOutcome }) {
  const { language } = useFormat();
  const { name, means } = verdictTexts[verdict][language];
  return (
    <Alert variant="outline" color={verdict === "ok" ? "green" : "red"} title={name}>
      <Text size="sm" className={classes.mono} style={{ overflowWrap: "anywhere" }}>
        {message}
      </Text>
      <Text size="sm" mt={4}>
        {means}
      </Text>
    </Alert>
  );
}

/** Where each step lies within the whole, as a bar; the table says the same in words. */
function Steps({ steps }: { readonly steps: readonly ProbeStep[] }) {
  const m = useMessages(messages);
  const format = useFormat();
  const total = Math.max(...steps.map(({ startMillis, millis }) => startMillis + millis), 0.01);
  const percent = (part: number): string => `${(part / total) * 100}%`;
  return (
    <table className={classes.steps}>
      <caption style={{ captionSide: "bottom", textAlign: "end", paddingTop: 4 }}>
        {m.total({ time: m.millis({ time: millisText(total, format) }) })}
      </caption>
      <thead>
        <tr>
          <th scope="col">{m.step}</th>
          <th scope="col">{m.found}</th>
          <th scope="col" className={classes.time}>
            {m.duration}
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- steps are only ever added at the end
          <tr key={index}>
            <th scope="row" style={{ width: "24%" }}>
              {phaseTexts[step.phase][format.language]}
              <div className={classes.track} aria-hidden>
                <div
                  className={classes.bar}
                  data-failed={step.verdict === "ok" ? undefined : true}
                  style={{ left: percent(step.startMillis), width: percent(step.millis), maxWidth: "100%" }}
                />
              </div>
            </th>
            <td>
              {step.verdict !== "ok" && <div className={classes.failed}>{verdictTexts[step.verdict][format.language].name}</div>}
              <div className={classes.mono}>{step.detail}</div>
              {step.address !== undefined && (
                <Text size="xs" c="dimmed" className={classes.mono}>
                  {step.address}
                </Text>
              )}
            </td>
            <td className={classes.time}>{m.millis({ time: millisText(step.millis, format) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Tenths below ten, whole milliseconds above. */
export const millisText = (millis: number, format: Format): string => (millis < 10 ? millis.toFixed(1) : format.count(Math.round(millis)));

type Fact = readonly [name: string, content: string | undefined];

function Facts({ outcome }: { readonly outcome: ProbeOutcome }) {
  const m = useMessages(messages);
  const facts = [...useAnswerFacts(outcome), ...useCertificateFacts(outcome.tls)];
  if (facts.every(([, content]) => content === undefined || content === "")) return undefined;
  return <FactList title={m.details} facts={facts} />;
}

function useAnswerFacts({ address, protocol, seen, seenBytes = 0, http, ping, answers }: ProbeOutcome): readonly Fact[] {
  const m = useMessages(messages);
  const format = useFormat();
  return [
    [m.peer, address],
    [m.protocol, protocol],
    [m.seen, seen && `${seen} (${m.seenBytes({ count: format.count(seenBytes) })})`],
    [m.http, http && m.httpText({ status: String(http.status), bytes: format.bytes(http.bodyBytes) })],
    [m.redirects, http && http.redirects > 0 ? `${format.count(http.redirects)} → ${http.url}` : undefined],
    [m.loss, ping && m.lossText({ received: format.count(ping.received), sent: format.count(ping.sent) })],
    [m.roundTrip, roundTrip(ping, m.roundTripText)],
    [m.answers, answers?.join(", ")],
  ];
}

function useCertificateFacts(tls: ProbeOutcome["tls"]): readonly Fact[] {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(minutes(1));
  if (!tls) return [];
  const version: Fact = [m.tls, `${tls.version} ${tls.cipher}`];
  const { certificate } = tls;
  if (!certificate) return [version];
  const left = Math.floor((certificate.notAfter - now) / days(1));
  return [
    version,
    [m.subject, certificate.subject],
    [m.issuer, certificate.issuer],
    [m.names, certificate.names.join(", ")],
    [m.valid, m.validText({ date: format.date(unixMs(certificate.notAfter)), days: format.count(left) })],
    [m.problems, certificate.problems.map((problem) => verdictTexts[problem][format.language].name).join(", ")],
    [m.key, `${certificate.key}, ${certificate.signature}`],
    [m.chain, format.count(certificate.chainLength)],
    [m.fingerprint, certificate.sha256],
  ];
}

function roundTrip(ping: ProbeOutcome["ping"], text: (times: { min: string; average: string; max: string }) => string): string | undefined {
  if (ping?.averageMillis === undefined) return undefined;
  return text({ min: String(ping.minMillis ?? 0), average: String(ping.averageMillis), max: String(ping.maxMillis ?? 0) });
}
