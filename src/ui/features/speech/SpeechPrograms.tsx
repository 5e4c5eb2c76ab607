import { Code, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listSpeechPrograms, type SpeechProgram } from "#wire/speech";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { StateCell } from "../../kit/cells.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";

const install: Readonly<Record<SpeechProgram["program"], string>> = {
  open_jtalk: "apt install open-jtalk open-jtalk-mecab-naist-jdic hts-voice-nitech-jp-atr503-m001",
  "espeak-ng": "apt install espeak-ng",
};

/** With what each language is spoken, and what to install where it is not. */
export function SpeechPrograms() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "speech-programs"],
    queryFn: ({ signal }) => call(listSpeechPrograms, { params: { org } }, signal),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return undefined;
  return (
    <PageSection title={m.programs}>
      <Stack gap="sm" maw="46rem">
        {data.programs.map((program) => (
          <Program key={program.program} program={program} ownFolder={data.ownFolder} />
        ))}
      </Stack>
    </PageSection>
  );
}

function Program({ program, ownFolder }: { readonly program: SpeechProgram; readonly ownFolder: string }) {
  const m = useMessages(messages);
  const parts = { program: m.partProgram, dictionary: m.partDictionary, voice: m.partVoice };
  const places = [program.found.program, program.found.voice].filter((place) => place !== undefined);
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{`${m[program.language]} · ${program.program}`}</Text>
        <StateCell tone={program.isReady ? "good" : "attention"} label={program.isReady ? m.ready : m.missing} />
      </Group>
      {program.isReady ? (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {places.join(" · ")}
        </Text>
      ) : (
        <Stack gap={6} mt={4}>
          <Text size="sm">{m.missingParts({ parts: program.missing.map((part) => parts[part]).join(", ") })}</Text>
          <Text size="sm">{program.language === "ja" ? m.installJa : m.installEn}</Text>
          <Code block>{install[program.program]}</Code>
          {program.language === "ja" && <Text size="sm">{m.ownFolder({ folder: ownFolder })}</Text>}
          <Text size="sm" c="dimmed">
            {m.floorHint}
          </Text>
        </Stack>
      )}
    </Paper>
  );
}
