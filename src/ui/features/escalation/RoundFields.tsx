import { Select, SimpleGrid } from "@mantine/core";
import type { PolicyInput } from "#wire/escalation";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";
import { MinutesInput } from "./StepCard.tsx";

interface RoundFieldsProps {
  readonly draft: PolicyInput;
  readonly problem: string | undefined;
  readonly onChange: (draft: PolicyInput) => void;
}

const endless = "until-taken";

/** How often the steps are walked. */
export function RoundFields({ draft, problem, onChange }: RoundFieldsProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const { rounds, pauseSeconds } = draft;
  const choose = (value: string | null): void => {
    if (value === endless) onChange({ ...draft, rounds: endless, pauseSeconds: Math.max(60, pauseSeconds) });
    else onChange({ ...draft, rounds: Number(value) });
  };
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <Select
        label={m.repeat}
        data={[
          ...Array.from({ length: 10 }, (_, index) => ({ value: String(index + 1), label: m.times({ count: format.count(index + 1) }) })),
          { value: endless, label: m.untilTaken },
        ]}
        value={String(rounds)}
        allowDeselect={false}
        onChange={choose}
      />
      <MinutesInput
        label={m.pause}
        {...(rounds === endless ? { description: m.pauseHint } : {})}
        seconds={pauseSeconds}
        least={rounds === endless ? 60 : 0}
        most={86_400}
        error={problem}
        onChange={(next) => onChange({ ...draft, pauseSeconds: next })}
      />
      <Select
        label={m.cannot}
        data={[
          { value: "round", label: m.cannotRound },
          { value: "run", label: m.cannotRun },
        ]}
        value={draft.cannot ?? "round"}
        allowDeselect={false}
        onChange={(value) => onChange({ ...draft, cannot: value === "run" ? "run" : "round" })}
      />
    </SimpleGrid>
  );
}
