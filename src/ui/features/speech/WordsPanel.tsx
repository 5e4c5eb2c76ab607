import { ActionIcon, Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { IconBook2, IconEdit, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { deleteSpeechWord, listSpeechWords, putSpeechWord, type SpeechWord } from "#wire/speech";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { TimeCell } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { PlayButton } from "./PlayButton.tsx";
import { useHearing } from "./use-hearing.ts";

type Open = { readonly kind: "add" } | { readonly kind: "edit" | "remove"; readonly word: SpeechWord };

/** How the organisation wants words read. */
export function WordsPanel() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("speech.change");
  const [open, setOpen] = useState<Open>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "speech-words"],
    queryFn: ({ signal }) => call(listSpeechWords, { params: { org } }, signal),
  });
  const columns = useColumns(setOpen);
  const add = mayChange && (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setOpen({ kind: "add" })}>
      {m.addWord}
    </Button>
  );
  const isEmpty = data?.words.length === 0;
  return (
    <Stack gap="sm">
      {!isEmpty && <Group justify="flex-end">{add}</Group>}
      <DataTable
        caption={m.words}
        columns={columns}
        rows={data?.words}
        rowKey={({ id }) => id}
        rowLabel={({ written }) => written}
        error={error}
        onRetry={() => void refetch()}
        csvName="reading-dictionary.csv"
        empty={
          <EmptyState title={m.noWords} hint={m.noWordsHint} icon={<IconBook2 aria-hidden size={36} />}>
            {add}
          </EmptyState>
        }
      />
      {open?.kind === "add" && <WordDialog word={undefined} onClose={() => setOpen(undefined)} />}
      {open?.kind === "edit" && <WordDialog word={open.word} onClose={() => setOpen(undefined)} />}
      {open?.kind === "remove" && <RemoveWordDialog word={open.word} onClose={() => setOpen(undefined)} />}
    </Stack>
  );
}

function useColumns(onOpen: (open: Open) => void): readonly Column<SpeechWord>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mayChange = useMay("speech.change");
  const hear = useHearing();
  return [
    {
      key: "written",
      header: m.written,
      isRowHeader: true,
      csv: ({ written }) => written,
      cell: ({ written }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {written}
        </Text>
      ),
    },
    { key: "spoken", header: m.spoken, csv: ({ spoken }) => spoken, cell: ({ spoken, language }) => <span lang={language}>{spoken}</span> },
    { key: "language", header: m.language, csv: ({ language }) => language, cell: ({ language }) => m[language] },
    {
      key: "changed",
      header: m.changed,
      csv: ({ changedAt }) => new Date(changedAt).toISOString(),
      cell: ({ changedAt }) => <TimeCell at={unixMs(changedAt)} />,
    },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (word) => (
        <Group gap={2} justify="flex-end" wrap="nowrap">
          <PlayButton label={m.hearSentence({ sentence: word.written })} load={() => hear(word.written, word.language)} />
          {mayChange && (
            <>
              <ActionIcon variant="subtle" aria-label={`${m.edit}: ${word.written}`} onClick={() => onOpen({ kind: "edit", word })}>
                <IconEdit aria-hidden size={18} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="red"
                aria-label={`${m.remove}: ${word.written}`}
                onClick={() => onOpen({ kind: "remove", word })}
              >
                <IconTrash aria-hidden size={18} />
              </ActionIcon>
            </>
          )}
        </Group>
      ),
    },
  ];
}

interface WordProps<Word> {
  readonly word: Word;
  readonly onClose: () => void;
}

function WordDialog({ word, onClose }: WordProps<SpeechWord | undefined>) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const ownLanguage = useLanguage().language;
  const form = useDialogForm({
    schema: putSpeechWord.body,
    initial: { language: word?.language ?? ownLanguage, written: word?.written ?? "", spoken: word?.spoken ?? "" },
    submit: async (body) => {
      await call(putSpeechWord, { params: { org }, body });
      toasts.show({ text: m.saved });
      await client.invalidateQueries({ queryKey: [org, "speech-words"] });
    },
    onDone: onClose,
  });
  const { language } = form.values;
  return (
    <FormDialog title={word ? m.editWord({ word: word.written }) : m.addWord} form={form} action={kit.save} onClose={onClose}>
      {!word && (
        <SegmentedControl
          aria-label={m.language}
          value={language}
          onChange={(next) => form.set("language", next === "en" ? "en" : "ja")}
          data={[
            { value: "ja", label: m.ja },
            { value: "en", label: m.en },
          ]}
        />
      )}
      <TextInput
        {...form.text("written")}
        label={m.written}
        description={m.writtenHint}
        readOnly={word !== undefined}
        autoComplete="off"
        data-autofocus={word === undefined ? true : undefined}
      />
      <TextInput
        {...form.text("spoken")}
        label={m.spoken}
        description={language === "ja" ? m.spokenHintJa : m.spokenHintEn}
        autoComplete="off"
        data-autofocus={word === undefined ? undefined : true}
      />
    </FormDialog>
  );
}

function RemoveWordDialog({ word: { id, written }, onClose }: WordProps<SpeechWord>) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteSpeechWord, { params: { org, id } });
    toasts.show({ text: m.removed({ name: written }) });
    await client.invalidateQueries({ queryKey: [org, "speech-words"] });
  };
  return (
    <ConfirmDialog
      title={m.removeWordTitle({ word: written })}
      text={m.removeWordText}
      action={m.remove}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
