import { Button, Group, Stack } from "@mantine/core";
import { useState } from "react";
import type { ProbeSpec } from "#wire/probe-specs";
import { serverVantage } from "#wire/probe-words";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { RunPanel } from "./RunPanel.tsx";
import { useRun } from "./use-run.ts";
import { VantageSelect } from "./VantageSelect.tsx";

export interface TryProbeProps {
  /** What would be asked; undefined while it is not complete. */
  readonly spec: ProbeSpec | undefined;
}

/** Asks once with what is typed and shows each step while it goes: for the editor of a monitor that is not saved yet. */
export function TryProbe({ spec }: TryProbeProps) {
  const m = useMessages(messages);
  const mayProbe = useMay("probe.run");
  const [from, setFrom] = useState<string>(serverVantage);
  const running = useRun();
  if (!mayProbe) return undefined;
  return (
    <PageSection title={m.tryNow} hint={spec ? m.tryHint : m.incomplete}>
      <Stack gap="sm" align="flex-start">
        <Group align="flex-end">
          <VantageSelect value={from} onChange={setFrom} />
          <Button variant="default" loading={running.isBusy} disabled={!spec} onClick={() => void (spec && running.begin(spec, from))}>
            {m.tryNow}
          </Button>
        </Group>
        <RunPanel running={running} />
      </Stack>
    </PageSection>
  );
}
