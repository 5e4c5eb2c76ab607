import { Anchor, Code, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { unixMs } from "#base/duration";
import type { LedgerEntry } from "#wire/ledger";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import { StateCell } from "../../kit/cells.tsx";
import { CopyField } from "../../kit/CopyField.tsx";
import { detailParts, previousHash, sha256, verbText } from "./entry-text.ts";
import type { HistorySearch } from "./history-search.ts";
import { messages } from "./messages.ts";
import { useDetailWords } from "./use-detail-words.ts";

export interface EntryDialogProps {
  readonly entry: LedgerEntry;
  readonly nameOf: (id: string) => string;
  readonly onFilter: ((filter: HistorySearch) => void) | undefined;
  readonly onClose: () => void;
}

/** One entry with everything that proves it: its bytes, their hash, its place in the chain. */
export function EntryDialog({ entry, nameOf, onFilter, onClose }: EntryDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const { language } = useLanguage();
  const words = useDetailWords();
  const number = String(entry.seq);
  const previous = previousHash(entry.bytes);
  return (
    <Modal opened onClose={onClose} title={m.details({ number })} size="xl" closeButtonProps={{ "aria-label": kit.close }}>
      <Stack gap="md">
        <Facts
          caption={m.fields}
          rows={[
            [m.what, verbText(entry.verb, language)],
            [m.verb, <Code key="verb">{entry.verb}</Code>],
            [m.time, format.exactDateTime(unixMs(entry.at))],
            [
              m.actor,
              <Named
                key="actor"
                id={entry.actor}
                name={nameOf(entry.actor)}
                label={m.showOnlyActor}
                onOnly={onFilter && (() => onFilter({ actor: entry.actor }))}
              />,
            ],
            [
              m.object,
              <Named
                key="object"
                id={entry.object}
                name={nameOf(entry.object)}
                label={m.showOnlyObject}
                onOnly={onFilter && (() => onFilter({ object: entry.object }))}
              />,
            ],
            [m.outcome, <StateCell key="outcome" tone={entry.outcome === "done" ? "good" : "bad"} label={m[entry.outcome]} />],
            ...detailParts(entry.detail, words).map(({ name, text }) => [name, text] as const),
          ]}
        />
        <Title order={3}>{m.chain}</Title>
        <Facts
          caption={m.chain}
          rows={[
            [m.seq, number],
            [m.device, <Code key="device">{entry.device}</Code>],
            [m.dseq, String(entry.dseq)],
            [m.hash, <Hash key="hash" entry={entry} />],
            ...(previous === undefined ? [] : [[m.previous, <HashText key="previous" text={previous} />] as const]),
          ]}
        />
        <CopyField label={m.bytes} value={entry.bytes} />
      </Stack>
    </Modal>
  );
}

function Facts({ caption, rows }: { readonly caption: string; readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Table aria-label={caption} verticalSpacing={5}>
      <Table.Tbody>
        {rows.map(([name, content], at) => (
          // Two rows may have one name: a role that is concerned, and the role that was given.
          <Table.Tr key={`${at}-${name}`}>
            <Table.Th scope="row" fw={500} w="30%">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{content}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

interface NamedProps {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly onOnly: (() => void) | undefined;
}

function Named({ id, name, label, onOnly }: NamedProps) {
  return (
    <Stack gap={2} align="flex-start">
      <span>{name}</span>
      {name !== id && <Code>{id}</Code>}
      {onOnly && (
        <Anchor component="button" type="button" size="xs" onClick={onOnly}>
          {label}
        </Anchor>
      )}
    </Stack>
  );
}

const HashText = ({ text }: { readonly text: string }) => <Code style={{ overflowWrap: "anywhere" }}>{text}</Code>;

/** The hash, and whether the bytes really give it: computed here, so that nobody has to believe the server. */
function Hash({ entry }: { readonly entry: LedgerEntry }) {
  const m = useMessages(messages);
  const [state, setState] = useState<"checking" | "matches" | "differs" | "unavailable">("checking");
  const { bytes, hash } = entry;
  useEffect(() => {
    let isCurrent = true;
    const show = (computed: string | undefined): void => {
      if (isCurrent) setState(computed === undefined ? "unavailable" : computed === hash ? "matches" : "differs");
    };
    void sha256(bytes).then(show, () => show(undefined));
    return () => {
      isCurrent = false;
    };
  }, [bytes, hash]);
  const texts = { checking: m.hashChecking, matches: m.hashMatches, differs: m.hashDiffers, unavailable: m.hashUnavailable };
  return (
    <Stack gap={4}>
      <HashText text={hash} />
      <Text
        size="xs"
        c={state === "differs" ? "var(--mantine-color-error)" : "dimmed"}
        fw={state === "differs" ? 700 : 400}
        aria-live="polite"
      >
        {texts[state]}
      </Text>
    </Stack>
  );
}
