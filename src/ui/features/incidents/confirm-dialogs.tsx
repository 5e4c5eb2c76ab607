import type { ReactNode } from "react";
import { declineIncident, releaseIncident, reopenIncident, resolveIncident, type Incident } from "#wire/incidents";
import { Text, Textarea } from "@mantine/core";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

interface DialogProps {
  readonly incident: Incident;
  readonly onClose: () => void;
}

type NoteAct = typeof declineIncident | typeof releaseIncident | typeof reopenIncident | typeof resolveIncident;

interface NoteDialogProps extends DialogProps {
  readonly act: NoteAct;
  readonly title: string;
  readonly action: string;
  readonly done: string;
  readonly children?: ReactNode;
}

/** Asks before an act that others notice, with room for a word about it. Enter in the note's place does it, so that one hand is enough. */
function NoteDialog({ incident, onClose, act, title, action, done, children }: NoteDialogProps) {
  const m = useMessages(actMessages);
  const call = useCall();
  const toasts = useToasts();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: act.body,
    initial: { note: "" },
    submit: async ({ note }) => {
      const words = note.trim();
      changed(await call(act, { params: { org, id: incident.id }, body: { ...(words === "" ? {} : { note: words }), via } }));
      toasts.show({ text: done });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={title} form={form} action={action} onClose={onClose}>
      <Text size="sm">{children}</Text>
      <Textarea {...form.text("note")} label={m.note} description={m.noteHint} autosize minRows={2} maxRows={8} />
    </FormDialog>
  );
}

/** "I cannot": the next person, at once. */
export function DeclineDialog(props: DialogProps) {
  const m = useMessages(actMessages);
  return (
    <NoteDialog {...props} act={declineIncident} title={m.cannotTitle} action={m.cannotAction} done={m.declined}>
      {m.cannotText}
    </NoteDialog>
  );
}

export function ResolveDialog(props: DialogProps) {
  const m = useMessages(actMessages);
  const format = useFormat();
  const { openAlerts } = props.incident;
  return (
    <NoteDialog {...props} act={resolveIncident} title={m.resolveTitle} action={m.resolve} done={m.resolved}>
      {m.resolveText} {openAlerts > 0 && m.resolveOpen({ count: format.count(openAlerts) })}
    </NoteDialog>
  );
}

export function ReleaseDialog(props: DialogProps) {
  const m = useMessages(actMessages);
  return (
    <NoteDialog {...props} act={releaseIncident} title={m.releaseTitle} action={m.release} done={m.released}>
      {m.releaseText}
    </NoteDialog>
  );
}

export function ReopenDialog(props: DialogProps) {
  const m = useMessages(actMessages);
  return (
    <NoteDialog {...props} act={reopenIncident} title={m.reopen} action={m.reopen} done={m.reopened}>
      {undefined}
    </NoteDialog>
  );
}
