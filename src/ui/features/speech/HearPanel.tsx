import { Alert, Badge, Button, Group, Paper, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { previewSpeech, speechLimits, type SpeechPreview } from "#wire/speech";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./messages.ts";
import { SpeechPrograms } from "./SpeechPrograms.tsx";
import { usePlayer } from "./use-player.ts";

type Spoken = "en" | "ja";

/** Any sentence, read beside and aloud; and with what it is spoken. */
export function HearPanel() {
  const m = useMessages(messages);
  const [language, setLanguage] = useState<Spoken>(useLanguage().language);
  const [text, setText] = useState(m.sample);
  const { heard, problem, isBusy, player, listen } = usePreview();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (player.isPlaying) player.stop();
    else void listen(text, language);
  };
  return (
    <Stack gap="lg">
      <form onSubmit={submit}>
        <Stack gap="sm" maw="46rem">
          <SegmentedControl
            aria-label={m.language}
            value={language}
            onChange={(next) => setLanguage(next === "en" ? "en" : "ja")}
            data={[
              { value: "ja", label: m.ja },
              { value: "en", label: m.en },
            ]}
            maw="16rem"
          />
          <Textarea
            label={m.text}
            description={m.textHint}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            maxLength={speechLimits.preview}
            autosize
            minRows={3}
            maxRows={10}
          />
          <FormProblem problem={problem} />
          <Group>
            <Button
              type="submit"
              loading={isBusy}
              disabled={text.trim() === ""}
              leftSection={player.isPlaying ? <IconPlayerStop aria-hidden size={18} /> : <IconPlayerPlay aria-hidden size={18} />}
            >
              {player.isPlaying ? m.stop : m.listen}
            </Button>
          </Group>
        </Stack>
      </form>
      {heard && <Heard heard={heard} language={language} />}
      <SpeechPrograms />
    </Stack>
  );
}

function usePreview() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const problemText = useProblemText();
  const player = usePlayer();
  const [heard, setHeard] = useState<SpeechPreview>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const listen = async (text: string, language: Spoken): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await call(previewSpeech, { params: { org }, body: { text, language } });
      setHeard(answer);
      await player.play(answer.audio).catch(() => setProblem(m.noSound));
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return { heard, problem, isBusy, player, listen };
}

/** The reading, sentence by sentence, and how it was spoken. */
function Heard({ heard, language }: { readonly heard: SpeechPreview; readonly language: Spoken }) {
  const m = useMessages(messages);
  const format = useFormat();
  return (
    <Paper component="section" withBorder p="md" maw="46rem" aria-label={m.reading}>
      <Group justify="space-between" mb="xs">
        <Text fw={600}>{m.reading}</Text>
        <Text size="sm" c="dimmed">
          {m.seconds({ seconds: format.si(Math.round(heard.milliseconds / 100) / 10) })}
        </Text>
      </Group>
      <Stack gap={4}>
        {heard.sentences.map((sentence, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- the same sentence may come twice
          <Group key={at} gap="xs" wrap="nowrap" align="baseline">
            <Text lang={sentence.language} style={{ overflowWrap: "anywhere" }}>
              {sentence.text}
            </Text>
            {sentence.language !== language && (
              <Badge variant="light" tt="none" miw="max-content">
                {m.readingIn({ language: m[sentence.language] })}
              </Badge>
            )}
          </Group>
        ))}
      </Stack>
      {heard.by !== "program" && (
        <Alert mt="sm" color="yellow">
          {heard.by === "prompts" ? m.byPrompts : m.byTone}
        </Alert>
      )}
    </Paper>
  );
}
