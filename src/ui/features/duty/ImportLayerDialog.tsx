import { FileInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ResponseOf } from "#wire/contract";
import { mostCalendarBytes, readShiftFile } from "#wire/duty-calendars";
import type { ShiftTable } from "#wire/duty-shapes";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { editorMessages } from "./editor-messages.ts";
import { usePeopleChoices } from "./use-duty.ts";

export interface ImportLayerDialogProps {
  readonly timeZone: string;
  readonly onLayer: (layer: ShiftTable) => void;
  readonly onClose: () => void;
}

type Read = ResponseOf<typeof readShiftFile>;

interface Values {
  file: File | null;
  url: string;
}

/** Reads shifts from a file into a layer of the draft; asks who is meant by names that are nobody's. */
export function ImportLayerDialog({ timeZone, onLayer, onClose }: ImportLayerDialogProps) {
  const m = useMessages(editorMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const choices = usePeopleChoices();
  const [read, setRead] = useState<Read>();
  const [meant, setMeant] = useState<ReadonlyMap<string, string>>(new Map());
  const people = [...meant].map(([name, personId]) => ({ name, personId }));
  const form = useDialogForm<Values>({
    initial: { file: null, url: "" },
    rules: ({ file, url }) => (url === "" && (file === null || file.size > mostCalendarBytes) ? { file: m.noFile } : {}),
    submit: async ({ file, url }) => {
      const name = file?.name ?? url;
      const brought = file ? { text: decoded(await file.arrayBuffer()) } : { url };
      const body = { format: isCalendar(name, file?.type) ? ("ics" as const) : ("csv" as const), timeZone, people, ...brought };
      const next = await call(readShiftFile, { params: { org }, body });
      const isAnswered = read !== undefined || next.unknown.length === 0;
      if (!isAnswered) {
        setRead(next);
        return;
      }
      onLayer({ kind: "table", name: layerName(name), shifts: next.shifts });
      onClose();
    },
  });
  const known = (read?.shifts.length ?? 0) + (read?.unknown ?? []).reduce((sum, one) => sum + (meant.has(one.name) ? one.shifts : 0), 0);
  return (
    <FormDialog title={m.importTitle} form={form} action={read ? m.addShifts({ count: format.count(known) }) : m.read} onClose={onClose}>
      <Text size="sm">{m.importText}</Text>
      <FileInput
        {...form.field("file")}
        onChange={(file) => {
          form.set("file", file);
          setRead(undefined);
        }}
        label={m.file}
        placeholder={m.chooseFile}
        accept=".ics,.csv,.tsv,.txt,text/calendar,text/csv"
        clearable
      />
      <TextInput {...form.text("url")} label={m.orAddress} description={m.orAddressHint} disabled={form.values.file !== null} />
      {read && read.unknown.length > 0 && (
        <Stack gap="xs">
          <Text size="sm">{m.unknownNames}</Text>
          {read.unknown.map(({ name, shifts }) => (
            <Select
              key={name}
              label={m.shiftsOf({ name, count: format.count(shifts) })}
              data={[{ value: "", label: m.leaveOut }, ...choices]}
              value={meant.get(name) ?? ""}
              allowDeselect={false}
              searchable
              onChange={(id) =>
                setMeant(new Map([...meant].filter(([other]) => other !== name).concat(id === null || id === "" ? [] : [[name, id]])))
              }
            />
          ))}
        </Stack>
      )}
    </FormDialog>
  );
}

/** An address that does not say that it is a table is a calendar. */
const isCalendar = (name: string, type: string | undefined): boolean =>
  type === undefined ? !/\.(?:csv|tsv|txt)(?:$|\?)/iu.test(name) : /\.ics$/iu.test(name) || type === "text/calendar";

/** The file's name without its ending and folders. */
const layerName = (name: string): string =>
  (name.split(/[/?]/u).findLast((part) => part !== "") ?? name).replace(/\.\w+$/u, "").slice(0, 100);

/** Spreadsheets in Japan still write Shift_JIS. */
function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("shift_jis").decode(bytes);
  }
}
