import { ActionIcon, FileButton, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconTrash, IconUpload } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { recordedSentences } from "#base/reading/sentences";
import {
  deleteSpeechRecording,
  hearSpeechRecording,
  listSpeechRecordings,
  putSpeechRecording,
  speechLimits,
  type SpeechRecording,
} from "#wire/speech";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { base64Of } from "./base64.ts";
import { messages } from "./messages.ts";
import { PlayButton } from "./PlayButton.tsx";
import { useHearing } from "./use-hearing.ts";

type Spoken = "en" | "ja";

interface Row {
  readonly key: string;
  readonly text: string;
  readonly recording: SpeechRecording | undefined;
}

/** The sentences of calls, and recordings that replace them. */
export function RecordingsPanel() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [language, setLanguage] = useState<Spoken>(useLanguage().language);
  const [removed, setRemoved] = useState<Row>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "speech-recordings"],
    queryFn: ({ signal }) => call(listSpeechRecordings, { params: { org } }, signal),
  });
  const rows = data && rowsOf(language, data.recordings);
  const columns = useColumns(language, setRemoved);
  return (
    <Stack gap="sm">
      <Text c="dimmed" size="sm" maw="46rem">
        {m.recordingsHint}
      </Text>
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
      <DataTable
        caption={m.recordings}
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        rowLabel={({ text }) => text}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noRecording}</NothingThere>}
      />
      {removed?.recording && (
        <RemoveRecordingDialog id={removed.recording.id} sentence={removed.text} onClose={() => setRemoved(undefined)} />
      )}
    </Stack>
  );
}

const rowsOf = (language: Spoken, recordings: readonly SpeechRecording[]): Row[] =>
  Object.entries(recordedSentences).map(([key, texts]) => ({
    key,
    text: texts[language],
    recording: recordings.find((one) => one.key === key && one.language === language),
  }));

function useColumns(language: Spoken, onRemove: (row: Row) => void): readonly Column<Row>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("speech.change");
  const speak = useHearing();
  const hear = async ({ text, recording }: Row): Promise<string> =>
    recording ? (await call(hearSpeechRecording, { params: { org, id: recording.id } })).audio : speak(text, language);
  return [
    {
      key: "sentence",
      header: m.sentence,
      isRowHeader: true,
      csv: ({ text }) => text,
      cell: ({ text }) => <span lang={language}>{text}</span>,
    },
    {
      key: "recording",
      header: m.recording,
      csv: ({ recording }) => recording?.fileName ?? "",
      cell: ({ recording }) =>
        recording ? (
          <Text span inherit style={{ overflowWrap: "anywhere" }}>
            {`${recording.fileName} · ${m.seconds({ seconds: format.si(Math.round(recording.milliseconds / 100) / 10) })}`}
          </Text>
        ) : (
          <Text span inherit c="dimmed">
            {m.noRecording}
          </Text>
        ),
    },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (row) => (
        <Group gap={2} justify="flex-end" wrap="nowrap">
          <PlayButton label={m.hearSentence({ sentence: row.text })} load={() => hear(row)} />
          {mayChange && <UploadButton row={row} language={language} />}
          {mayChange && row.recording && (
            <ActionIcon variant="subtle" color="red" aria-label={`${m.remove}: ${row.text}`} onClick={() => onRemove(row)}>
              <IconTrash aria-hidden size={18} />
            </ActionIcon>
          )}
        </Group>
      ),
    },
  ];
}

function UploadButton({ row, language }: { readonly row: Row; readonly language: Spoken }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const upload = async (file: File): Promise<void> => {
    if (file.size > speechLimits.recordingBytes) return toasts.show({ text: m.tooLarge, kind: "problem" });
    setBusy(true);
    try {
      const format = /\.(?:ul|ulaw|mulaw|pcmu)$/iu.test(file.name) ? "mu-law" : "wav";
      const sound = base64Of(new Uint8Array(await file.arrayBuffer()));
      const body = { language, fileName: file.name.slice(0, 200), format, sound } as const;
      await call(putSpeechRecording, { params: { org, key: row.key }, body });
      toasts.show({ text: m.uploaded });
      await client.invalidateQueries({ queryKey: [org, "speech-recordings"] });
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <FileButton accept=".wav,.ul,.ulaw,.mulaw,.pcmu,audio/wav" onChange={(file) => file && void upload(file)}>
      {(props) => (
        <ActionIcon {...props} variant="subtle" loading={isBusy} aria-label={m.uploadFor({ sentence: row.text })} title={m.upload}>
          <IconUpload aria-hidden size={18} />
        </ActionIcon>
      )}
    </FileButton>
  );
}

interface RemoveProps {
  readonly id: string;
  readonly sentence: string;
  readonly onClose: () => void;
}

function RemoveRecordingDialog({ id, sentence, onClose }: RemoveProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteSpeechRecording, { params: { org, id } });
    await client.invalidateQueries({ queryKey: [org, "speech-recordings"] });
  };
  return (
    <ConfirmDialog
      title={m.removeRecordingTitle}
      text={m.removeRecordingText({ sentence })}
      action={m.remove}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
