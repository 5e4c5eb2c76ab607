import { Badge, Text } from "@mantine/core";
import { seconds, type UnixMs } from "#base/duration";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { AnchorLink } from "./links.tsx";

export interface TimeCellProps {
  readonly at: UnixMs | undefined;
  readonly isExact?: boolean;
  /** What stands there without a time; "Never" when not given. */
  readonly absent?: string;
}

/** A time as how long ago it was, the exact time on hover and for screen readers. */
export function TimeCell({ at, isExact = false, absent }: TimeCellProps) {
  const m = useMessages(kitMessages);
  const format = useFormat();
  const now = useNow(seconds(15));
  if (at === undefined) {
    return (
      <Text span c="dimmed" inherit>
        {absent ?? m.never}
      </Text>
    );
  }
  const exact = format.exactDateTime(at);
  return (
    <time dateTime={String(at)} title={isExact ? format.ago(at, now) : exact}>
      {isExact ? exact : format.ago(at, now)}
    </time>
  );
}

/** How a state feels: the colour is never the only sign, the label always stands beside it. */
export type Tone = "good" | "waiting" | "attention" | "bad" | "off";

const toneColours: Readonly<Record<Exclude<Tone, "off">, string>> = { good: "green", waiting: "ai", attention: "yellow", bad: "red" };

export function StateCell({ tone, label }: { readonly tone: Tone; readonly label: string }) {
  if (tone === "off") {
    return (
      <Badge
        variant="filled"
        tt="none"
        fw={600}
        miw="max-content"
        style={{ background: "var(--hb-unknown-bg)", color: "var(--hb-unknown-text)" }}
      >
        {label}
      </Badge>
    );
  }
  return (
    <Badge variant="light" color={toneColours[tone]} tt="none" fw={600} miw="max-content">
      {label}
    </Badge>
  );
}

/** A host by name, leading to its page. */
export function HostCell({ org, id, name }: { readonly org: string; readonly id: string; readonly name: string }) {
  return (
    <AnchorLink to="/o/$org/hosts/$id" params={{ org, id }} fw="inherit" size="sm">
      {name}
    </AnchorLink>
  );
}

/** An amount of data in readable units, all digits on hover. */
export function BytesCell({ bytes }: { readonly bytes: number | undefined }) {
  const format = useFormat();
  if (bytes === undefined) return <Dash />;
  return <span title={format.count(bytes)}>{format.bytes(bytes)}</span>;
}

/** Stands where there is no value. */
export function Dash() {
  const m = useMessages(kitMessages);
  return (
    <Text span c="dimmed" inherit role="img" aria-label={m.noValue}>
      {"–"}
    </Text>
  );
}
