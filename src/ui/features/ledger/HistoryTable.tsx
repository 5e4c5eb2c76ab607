import { Button, Text, UnstyledButton } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { unixMs } from "#base/duration";
import type { LedgerEntry } from "#wire/ledger";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { detailLine, verbText } from "./entry-text.ts";
import { EntryDialog } from "./EntryDialog.tsx";
import classes from "./HistoryTable.module.css";
import type { HistorySearch } from "./history-search.ts";
import { messages } from "./messages.ts";
import { useDetailWords } from "./use-detail-words.ts";
import { useHistory, type HistoryPages } from "./use-history.ts";

export interface HistoryTableProps {
  readonly search: HistorySearch;
  /** Narrows the history to one actor or object; without it the dialog offers no such thing. */
  readonly onFilter?: (filter: HistorySearch) => void;
  readonly empty: ReactNode;
  /** Left out where all entries concern one thing. */
  readonly hidesObject?: boolean;
}

const tones: Readonly<Record<LedgerEntry["outcome"], Tone>> = { done: "good", refused: "bad", failed: "attention" };

/** Entries of the ledger, newest first. Refused acts are marked. */
export function HistoryTable({ search, onFilter, empty, hidesObject = false }: HistoryTableProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const history = useHistory(search);
  const [shown, setShown] = useState<LedgerEntry>();
  const columns = useHistoryColumns(history, setShown).filter((column) => !hidesObject || column.key !== "object");
  return (
    <>
      <DataTable
        caption={m.history}
        columns={columns}
        rows={history.entries}
        rowKey={(entry) => String(entry.seq)}
        isMarked={(entry) => entry.outcome !== "done"}
        error={history.error}
        onRetry={history.refetch}
        empty={empty}
        csvName={m.history}
        footer={
          history.showOlder && (
            <Button size="compact-sm" variant="default" loading={history.isLoadingOlder} onClick={history.showOlder}>
              {kit.loadOlder}
            </Button>
          )
        }
      />
      {shown && (
        <EntryDialog
          entry={shown}
          nameOf={history.nameOf}
          onFilter={
            onFilter &&
            ((filter) => {
              setShown(undefined);
              onFilter(filter);
            })
          }
          onClose={() => setShown(undefined)}
        />
      )}
    </>
  );
}

function useHistoryColumns({ nameOf }: HistoryPages, onShow: (entry: LedgerEntry) => void): readonly Column<LedgerEntry>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const { language } = useLanguage();
  const words = useDetailWords();
  const outcomes: Readonly<Record<LedgerEntry["outcome"], string>> = { done: m.done, refused: m.refused, failed: m.failed };
  return [
    {
      key: "time",
      header: m.time,
      csv: (entry) => format.exactDateTime(unixMs(entry.at)),
      cell: (entry) => (
        <span className={classes.time}>
          <TimeCell at={unixMs(entry.at)} isExact />
        </span>
      ),
    },
    {
      key: "what",
      header: m.what,
      isRowHeader: true,
      csv: (entry) => `${verbText(entry.verb, language)} ${detailLine(entry.detail, words)}`.trim(),
      cell: (entry) => (
        <>
          <UnstyledButton
            className={classes.what}
            aria-label={`${verbText(entry.verb, language)}: ${m.showEntry({ number: String(entry.seq) })}`}
            onClick={() => onShow(entry)}
          >
            {verbText(entry.verb, language)}
          </UnstyledButton>
          <Text size="xs" c="dimmed" fw={400} lineClamp={2}>
            {detailLine(entry.detail, words)}
          </Text>
        </>
      ),
    },
    {
      key: "object",
      header: m.object,
      csv: (entry) => nameOf(entry.object),
      cell: (entry) => <Name id={entry.object} name={nameOf(entry.object)} />,
    },
    {
      key: "actor",
      header: m.actor,
      csv: (entry) => nameOf(entry.actor),
      cell: (entry) => <Name id={entry.actor} name={nameOf(entry.actor)} />,
    },
    {
      key: "outcome",
      header: m.outcome,
      csv: (entry) => entry.outcome,
      cell: (entry) => <StateCell tone={tones[entry.outcome]} label={outcomes[entry.outcome]} />,
    },
    { key: "seq", header: m.number, align: "end", csv: (entry) => entry.seq, cell: (entry) => format.count(entry.seq) },
  ];
}

function Name({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <span className={classes.name} title={id}>
      {name}
    </span>
  );
}
