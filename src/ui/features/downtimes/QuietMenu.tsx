import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconMoon, IconPlayerStop } from "@tabler/icons-react";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { startDowntime } from "#wire/downtimes";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { EndDowntimeDialog } from "./DowntimeActions.tsx";
import { DowntimeDialog } from "./DowntimeDialog.tsx";
import { messages } from "./messages.ts";
import { useQuietNow, useRefreshDowntimes } from "./use-downtimes.ts";

interface QuietMenuProps {
  /** What is made quiet, for people. */
  readonly name: string;
  readonly of: { readonly host: string } | { readonly service: string };
}

/** Makes a host or a service quiet for a while in two clicks; says until when it is, and ends it. */
export function QuietMenu({ name, of }: QuietMenuProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const mayChange = useMay("downtime.change");
  const start = useStart(name, of);
  const quiet = useQuietNow(of).toSorted((a, b) => (b.window?.to ?? 0) - (a.window?.to ?? 0));
  const [open, setOpen] = useState<"plan" | { readonly id: string; readonly name: string }>();
  const [longest] = quiet;
  const close = (): void => setOpen(undefined);
  if (!mayChange && !longest) return undefined;
  const label = longest?.window ? m.quietUntil({ time: format.dateTime(unixMs(longest.window.to)) }) : m.quiet;
  if (!mayChange) return <span>{label}</span>;
  const lengths = [
    [30, m.halfHour],
    [60, m.oneHour],
    [240, m.fourHours],
    [1440, m.oneDay],
  ] as const;
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <Button
            variant={longest ? "light" : "default"}
            leftSection={<IconMoon aria-hidden size={16} />}
            rightSection={<IconChevronDown aria-hidden size={16} />}
          >
            {label}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {quiet.map((one) => (
            <Menu.Item
              key={one.id}
              leftSection={<IconPlayerStop aria-hidden size={16} />}
              onClick={() => setOpen({ id: one.id, name: one.name })}
            >
              {`${m.endNow}: ${one.name}`}
            </Menu.Item>
          ))}
          {quiet.length > 0 && <Menu.Divider />}
          {lengths.map(([minutes, length]) => (
            <Menu.Item key={minutes} onClick={() => void start(minutes)}>
              {m.quietFor({ length })}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => setOpen("plan")}>{m.quietPlan}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "plan" && <DowntimeDialog downtime={undefined} first={firstOf(name, of)} onClose={close} />}
      {typeof open === "object" && <EndDowntimeDialog downtime={open} onClose={close} />}
    </>
  );
}

const firstOf = (name: string, of: QuietMenuProps["of"]) => ({
  name,
  ...("host" in of ? { hostScopes: [of.host], names: { [of.host]: name } } : { serviceScopes: [of.service] }),
});

function useStart(name: string, of: QuietMenuProps["of"]): (minutes: number) => Promise<void> {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefreshDowntimes();
  const org = useOrganisation().name;
  return async (minutes) => {
    const scope = "host" in of ? { hostScopes: [of.host] } : { serviceScopes: [of.service] };
    try {
      const { window } = await call(startDowntime, {
        params: { org },
        body: { minutes, name: m.quietName({ name }).slice(0, 255), ...scope },
      });
      toasts.show({ text: m.quietDone({ name, time: window ? format.time(unixMs(window.to)) : "" }) });
      await refresh();
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
}
